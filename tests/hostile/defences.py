"""Each defence, how a test switches it off, and the hostile case that must then fail. `docs/defences.md` is made from this.

    .venv/bin/python -m tests.hostile.defences      writes the table

A row is true as long as `test_bites.py` passes: the change is one that the file still holds, and with it the case fails
with the words that the row says.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.hostile import rows_cleaning, rows_filter, rows_jail, rows_limits, rows_reading, rows_walls
from tests.hostile.defence import Defence
from tests.hostile.switching import ROOT

PLACE = ROOT / "docs" / "defences.md"
ROWS: tuple[tuple[str, tuple[Defence, ...]], ...] = (
    ("Walls around the guest", rows_walls.ROWS),
    ("What a job gives up before its first line", rows_jail.ROWS),
    ("The filter of system calls", rows_filter.ROWS),
    ("Limits", rows_limits.ROWS),
    ("After a job", rows_cleaning.ROWS),
    ("Reading what comes out", rows_reading.ROWS),
)
ALL = tuple(defence for _, rows in ROWS for defence in rows)
_HEAD = """# Defences, and what notices that one is missing

Each row is a test (`tests/hostile/test_bites.py`): with the defence switched off, the named case of
`reference_solutions/hostile` fails, and says so in these words. Nothing in the code can switch a defence off; the test
changes its text in a copy of the guest, or compiles a function of this side anew. Made by
`python -m tests.hostile.defences` from the rows that the test runs.
Root, bubblewrap and control groups are what it is true of: another sandbox has other walls, and the same guest."""
_NOT_SHOWN = """
## What no row shows, and why

| defence | why |
|---|---|
| `no_new_privs` of a job | bubblewrap sets it for all that it starts, and the kernel takes no filter without it |
| `--cap-drop ALL` | a job drops what the supervisor has; the row on capabilities switches that off |
| a session of its own, `--new-session` | there is no terminal to type into, and the filter refuses TIOCSTI |
| `PR_SET_DUMPABLE` of a job | a job may set it again; its core files are held back by their limit of nothing |
| `RLIMIT_CPU`, `RLIMIT_NPROC`, `RLIMIT_AS`, `RLIMIT_MEMLOCK` of a job | second lines behind clocks and the control group, or equal to the machine's own; `tests/sandbox/test_fallbacks.py` is without a control group |
| frames that are too long, no JSON, or never come | nothing but a supervisor that was taken over can send them; `tests/unit/workers/sandbox` does |
| no swap in a control group | needs a machine with swap |
| the trainer's limit of address space | behind the budget, and no student code is there |
"""


def document() -> str:
    """The page."""
    parts = [_HEAD]
    for title, rows in ROWS:
        parts.append(
            f"\n## {title}\n\n| defence | where | switched off by | case that notices | what it then says |"
        )
        parts += ["|---|---|---|---|---|", *(_line(row) for row in rows)]
    return "\n".join([*parts, _NOT_SHOWN])


def _line(row: Defence) -> str:
    where = "<br>".join(dict.fromkeys(f"`{change.file}`" for change in row.off))
    switched = "<br>".join(f"{_code(change.old)} → {_code(change.new)}" for change in row.off)
    promise = f"**{row.name}**: {row.promise}" + (f" *{row.together}*" if row.together else "")
    return f"| {promise} | {where} | {switched} | `{row.case}`{_scene(row)} | {_code(row.says)} |"


def _scene(row: Defence) -> str:
    scenes = {
        "after_honest": "after somebody honest in the same guest",
        "worker_dies": "while the worker is killed",
    }
    told = [words for name, words in scenes.items() if getattr(row, name)]
    return f", {told[0]}" if told else ""


def _code(text: str) -> str:
    words = " ".join(text.split()).replace("|", "\\|")
    return f"`{words}`" if words and "`" not in words else "nothing"


def main(places: Iterable[Path] = (PLACE,)) -> None:
    """Write the page."""
    for place in places:
        place.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
