"""`make endurance`: a day's traffic in an hour, through `grader serve` on this machine; whether anything grows that should not.

    python -m tests.hostile.endurance --minutes 60

Round after round, hostile and honest submissions are handed in, people sign in, staff look at lists, the LMS is told each
grade. After each round everything is counted: the memory of each part, processes, mounts, control groups, temporary files,
MiB on disk, the rows of each table. What is made once for each submission may grow with them, and by no more for each in the
last third than in the second; nothing else may be more at the end than it was in the first third. What else runs on the
machine is counted, too. Exits with 1 when something has grown, or when a verdict is wrong.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.cli import session as server
from grader.cli.parts import open_parts
from grader.demo.service import service, signed_in
from grader.lms.signature import make_secret
from tests.hostile.footprint import MAY_GROW, Footprint
from tests.hostile.soak import COURSE, HERE, Work, feed, mixed, prepare, tell_wrong, warm_up
from tests.receivers import receiving

A_ROUND = 25
A_MISTAKE = 10  # rounds; who mistypes a password more often has to wait for a quarter of an hour
MAY_GROW_MIB = 48.0  # allocators keep what they had once
MAY_GROW_EACH = 1.25  # times; a round differs from another in the sizes of what is handed in
WITH_SUBMISSIONS = {"submissions", "reports", "wish_messages", "wish_tries"}
UNTIL_THEY_RUN_OUT = {
    "api_tokens",
    "login_attempts",
    "tallies",
}  # of each sign-in, and for an hour of each slow job
ROOM_OF_ROWS = 20  # of other tables: a worker that restarted, a count of what was not there before


@dataclass(frozen=True)
class Moment:
    """Where things stand after a round."""

    minute: float
    footprint: Footprint
    rows: dict[str, int]
    memory: float

    @property
    def submissions(self) -> int:
        """So many are in the database."""
        return self.rows["submissions"]


def endure(minutes: float, console: Console) -> int:
    """Rounds until the time is over; 0 when every verdict is right and nothing has grown."""
    done, moments = list[Work](), list[Moment]()
    with tempfile.TemporaryDirectory(prefix="endurance-") as name, receiving() as receiver:
        folder = Path(name)
        (folder / "tmp").mkdir()
        os.environ |= {
            "TMPDIR": str(folder / "tmp"),
            "GRADER_ASSIGNMENTS_DIR": str(HERE / "assignments"),
            "GRADER_WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
        }
        sign_in = prepare(folder / "data")
        _told(folder / "data", receiver.url)
        with service(folder / "data") as address:
            feed(signed_in(address, sign_in), warm_up(), [], console)
            begun = time.monotonic()
            while (minute := (time.monotonic() - begun) / 60) < minutes:
                session = signed_in(address, sign_in)
                feed(session, mixed(A_ROUND, seed=len(moments)), done, console)
                _look_around(session, done[-A_ROUND:])
                if len(moments) % A_MISTAKE == 0:
                    _mistype(session)
                moments.append(_now(folder, (time.monotonic() - begun) / 60))
                console.print(
                    f"{minute:.0f} min: {moments[-1].submissions} in all, {moments[-1].memory:.0f} MiB"
                )
        told = len(receiver.got)
    console.print(_table(moments))
    console.print(f"The LMS was told {told} times.")
    wrong = [work for work in done if work.problem()]
    tell_wrong(wrong, console)
    grown = _grown(moments)
    console.print("\n".join(grown) or "Nothing has grown.", markup=False)
    return int(bool(wrong or grown))


def _told(data_dir: Path, url: str) -> None:
    parts = open_parts(data_dir)
    course = parts.courses.course(COURSE)
    assert course is not None
    parts.endpoints.add_endpoint(course.id, url, make_secret())
    parts.database.engine.dispose()


def _look_around(session: server.Session, done: list[Work]) -> None:
    """What people do beside handing in: they look at lists and reports."""
    for page in (1, 2):
        server.call(session, "GET", f"/submissions?page={page}")
    for work in done:
        server.call(session, "GET", f"/submissions/{work.id}?lang=zh")


def _mistype(session: server.Session) -> None:
    mistyped = {"email": "student@example.edu", "password": secrets.token_urlsafe(6)}
    try:
        server.call(server.Session(session.url, ""), "POST", "/login", json=mistyped)
    except server.Refused:
        return
    raise AssertionError("a mistyped password signs nobody in")


def _now(folder: Path, minute: float) -> Moment:
    footprint = Footprint.settled(folder)
    return Moment(minute, footprint, _rows(folder / "data" / "grader.db"), sum(footprint.memory.values()))


def _rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = database.execute("select name from sqlite_master where type = 'table' order by name")
        names = [name for (name,) in tables if not name.startswith("sqlite_")]
        return {name: int(database.execute(f'select count(*) from "{name}"').fetchone()[0]) for name in names}


def _table(moments: list[Moment]) -> Table:
    """A line for each round."""
    parts = sorted({part for moment in moments for part in moment.footprint.memory})
    tables = [name for name, count in moments[-1].rows.items() if count]
    table = Table("minute", *(f"MiB of {part}" for part in parts), *MAY_GROW, "MiB on disk", *tables)
    for each in moments:
        table.add_row(
            f"{each.minute:.0f}",
            *(f"{each.footprint.memory.get(part, 0.0):.0f}" for part in parts),
            *(str(each.footprint.counts[name]) for name in MAY_GROW),
            f"{each.footprint.disk_mib:.1f}",
            *(str(each.rows[name]) for name in tables),
        )
    return table


def _grown(moments: list[Moment]) -> list[str]:
    """A sentence for each thing that has grown beyond what it may."""
    if len(moments) < 6:
        return ["Too few rounds to tell: give it more minutes."]
    first = [each.footprint for each in moments[: len(moments) // 3 + 1]]
    warm, middle, last = moments[len(moments) // 3], moments[len(moments) * 2 // 3], moments[-1]
    most = {name: max(each.counts[name] for each in first) for name in MAY_GROW}
    found = [
        f"{name}: {most[name]} → {last.footprint.counts[name]}"
        for name, room in MAY_GROW.items()
        if last.footprint.counts[name] > most[name] + room
    ]
    for part, mib in last.footprint.memory.items():
        before = max(each.memory.get(part, 0.0) for each in first)
        if mib > before + MAY_GROW_MIB:
            found.append(f"MiB of {part}: {before:.0f} → {mib:.0f}")
    for name in WITH_SUBMISSIONS & last.rows.keys():
        before, after = (_each(name, *pair) for pair in ((warm, middle), (middle, last)))
        if after > before * MAY_GROW_EACH:
            found.append(f"rows of {name} for each submission: {before:.2f} → {after:.2f}")
    found += [
        f"rows of {name}: {warm.rows[name]} → {last.rows[name]}"
        for name in last.rows.keys() - WITH_SUBMISSIONS - UNTIL_THEY_RUN_OUT
        if last.rows[name] > warm.rows[name] + ROOM_OF_ROWS
    ]
    before, after = (
        (later.footprint.disk_mib - sooner.footprint.disk_mib) / (later.submissions - sooner.submissions)
        for sooner, later in ((warm, middle), (middle, last))
    )
    if after > before * MAY_GROW_EACH:
        found.append(f"MiB on disk for each submission: {before:.3f} → {after:.3f}")
    return found


def _each(table: str, sooner: Moment, later: Moment) -> float:
    return (later.rows[table] - sooner.rows[table]) / (later.submissions - sooner.submissions)


def main() -> int:
    """Endure, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    return endure(parser.parse_args().minutes, Console(width=240))


if __name__ == "__main__":
    sys.exit(main())
