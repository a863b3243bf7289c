"""`make advice`: every next step that a program can carry out is carried out, and docs/advice.md says what came of it."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from rich.progress import track

from grader.settings import load_settings
from tests.advice.answers import failed_references, mutants
from tests.advice.trying import Tried, tried
from tests.built_in import catalog
from workers.pipeline import Pipeline, open_pipeline

PAGE = Path(__file__).resolve().parents[2] / "docs" / "advice.md"
HEAD = """\
# Advice carried out

Made by `make advice`; [decisions/034](decisions/034-one-next-step.md) says how.

For every wrong answer a program does what its report says is to be changed first. It reads the words alone, the way a
student does: which layer, behind which other one, which setting. After that the score must not be lower, and the sentence
must be gone. What no program can do is listed with the reason.

| assignment | failed references | carried out | mutants | carried out | wrong advice |
| --- | --- | --- | --- | --- | --- |
"""


def _references(pipeline: Pipeline, slug: str) -> Iterator[Tried]:
    for name, extraction in failed_references(pipeline.sandbox, slug):
        quick = tried(catalog(), slug, name, extraction)
        # Where the layers are right a real training decides.
        found = quick or tried(catalog(), slug, name, extraction, pipeline.trainer)
        if found is not None:
            yield found


def _mutants(pipeline: Pipeline, slug: str) -> Iterator[Tried]:
    for name, extraction in mutants(pipeline.sandbox, slug):
        if (found := tried(catalog(), slug, name, extraction)) is not None:
            yield found


def page(references: dict[str, list[Tried]], changed: dict[str, list[Tried]]) -> str:
    """The page `docs/advice.md`."""
    rows = {slug: _row(references[slug], changed[slug]) for slug in references}
    total = _row(
        [one for found in references.values() for one in found],
        [one for found in changed.values() for one in found],
    )
    lines = [HEAD + "\n".join(f"| {slug} | {row} |" for slug, row in [*rows.items(), ("**all**", total)])]
    lines += ["", "## Not carried out", ""]
    for slug, found in references.items():
        lines += [f"- {slug}/failed/{one.name}: {one.reason} (`{one.code}`)" for one in found if one.reason]
    reasons = Counter((one.code, one.reason) for found in changed.values() for one in found if one.reason)
    lines += [f"- {number} mutants: {reason} (`{code}`)" for (code, reason), number in reasons.most_common()]
    return "\n".join(lines) + "\n"


def _row(references: Sequence[Tried], changed: Sequence[Tried]) -> str:
    bad = sum(bool(one.problem) for one in (*references, *changed))
    done = [sum(one.carried_out for one in found) for found in (references, changed)]
    return f"{len(references)} | {done[0]} | {len(changed)} | {done[1]} | {bad}"


def main() -> int:
    """Run it all; 1 where advice was wrong."""
    references, changed = {}, {}
    with tempfile.TemporaryDirectory(prefix="grader-advice-") as scratch:
        settings = load_settings({}, data_dir=Path(scratch), sandbox="bubblewrap")
        with closing(open_pipeline(settings)) as pipeline:
            for slug in track(list(catalog().assignments), "advice", disable=not sys.stderr.isatty()):
                references[slug] = list(_references(pipeline, slug))
                changed[slug] = list(_mutants(pipeline, slug))
    PAGE.write_text(page(references, changed), "utf-8")
    problems = [
        one.problem for found in (*references.values(), *changed.values()) for one in found if one.problem
    ]
    print("\n".join([*problems, f"{len(problems)} next steps are wrong; the table is in docs/advice.md"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
