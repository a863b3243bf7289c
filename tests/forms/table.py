"""The matrix as a table that docs can have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.forms.matrix import FORMS, Result
from tests.forms.rows import ROWS

NUMBERS = {row.slug: number for number, row in enumerate(ROWS, 1)}


def matrix(results: Sequence[Result]) -> str:
    """A line for each form and a column for each row: ok, or R where the right answer fails, W where the wrong one differs."""
    faults: dict[tuple[str, str], set[str]] = {}
    for result in results:
        if result.case.single:
            cell = faults.setdefault((result.case.single, result.case.row.slug), set())
            cell.update({"R" if result.case.right else "W"} if result.fault else ())
    looked_at = [name for name in FORMS if any(form == name for form, _ in faults)]
    lines = [_line("form", map(str, NUMBERS.values())), _line("---", ["---"] * len(NUMBERS))]
    for name in looked_at:
        cells = (faults.get((name, slug)) for slug in NUMBERS)
        lines.append(_line(name, ("–" if it is None else "".join(sorted(it)) or "ok" for it in cells)))
    return "\n".join([*lines, *_pairs(results)])


def _pairs(results: Sequence[Result]) -> list[str]:
    of_pairs = [it for it in results if not it.case.single]
    if not of_pairs:
        return []
    all_of = Counter(it.case.row.slug for it in of_pairs)
    right = Counter(it.case.row.slug for it in of_pairs if not it.fault)
    return [_line("pairs", (f"{right[slug]}/{all_of[slug]}" for slug in NUMBERS))]


def legend() -> str:
    """The numbers of the columns, and what each form is."""
    rows = ", ".join(f"{number} {slug}" for slug, number in NUMBERS.items())
    forms = "\n".join(f"- `{name}`: {it.title}" for name, it in FORMS.items())
    return f"{rows}\n\n{forms}"


def lacking() -> str:
    """What rows cannot have, with the reason."""
    lines = [_line("form", ["why", "rows"]), _line("---", ["---", "---"])]
    for name, each in FORMS.items():
        reasons: dict[str, list[str]] = {}
        for row in ROWS:
            if reason := each.lacking(row):
                reasons.setdefault(reason, []).append(str(NUMBERS[row.slug]))
        lines += [_line(name, [reason, ", ".join(rows)]) for reason, rows in reasons.items()]
    return "\n".join(lines)


def _line(first: str, others: Iterable[str]) -> str:
    return f"| {' | '.join([first, *others])} |"
