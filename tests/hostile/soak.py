"""`make soak`: hostile and honest submissions mixed, through `grader serve` on this machine; what grows meanwhile.

    python -m tests.hostile.soak               300 submissions, about a third of them honest
    python -m tests.hostile.soak --count 60

Everything must become final, with a verdict that its side-car or folder allows, and honest work must get the same score
every time. Processes, mounts, control groups, temporary files, disk and the workers' memory are counted when everything
is warm, and at the end. Exits with 1 when a verdict is wrong or something has grown.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from grader.cli import session as server
from grader.cli.parts import open_parts
from grader.demo.service import service, signed_in
from grader.domain.course import CountingRule, Role
from grader.services.courses import create_course
from tests.hostile.cases import Case, load_cases
from tests.hostile.footprint import Footprint, GrowsBeyond

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COURSE = "soak"
SHAPE, TRAIN, OTHERS = "hostile-shape", "hostile-train", ("hostile-dear", "hostile-brief")
FOLDERS = {"accepted": "passed", "failed": "failed", "invalid": "invalid"}
QUICK = ("traffic-dense", "traffic-conv", "traffic-pool")
SEED = 4711
NOT_FOR_A_SERVICE = ("training/work_beyond_every_budget",)
"""What is too much for the small budget of the suite (conftest.py) and not for a service's."""
POLL_SECONDS = 0.25
LINE = 20  # as many in the queue at once as one student may have


@dataclass
class Work:
    """One submission: what is handed in, and whether a report is one that it may get."""

    name: str
    slug: str
    file_name: str
    data: bytes
    honest: str | None = None
    case: Case | None = None
    id: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    def problem(self) -> str | None:
        """What is wrong with the report, if anything is."""
        verdict, reason, score = (self.report.get(key) for key in ("verdict", "reason", "score"))
        if self.case is None:
            return None if verdict == self.honest else f"{verdict} in place of {self.honest}"
        allowed = any(
            (one.verdict.value, one.reason.value if one.reason else None) == (verdict, reason)
            and score is not None
            and score <= one.score
            for one in self.case.side_car.allowed
        )
        return None if allowed else f"{verdict}/{reason} with {score} points"


def mixed(count: int, seed: int = SEED) -> list[Work]:
    """Every hostile case at least once where there is room, the rest honest, in an order of chance that is a seed's own."""
    chance = random.Random(seed)
    cases = [_hostile(case) for case in load_cases() if case.name not in NOT_FOR_A_SERVICE]
    honest = _honest()
    kept = min(len(cases), count * 2 // 3)
    works = chance.sample(cases, kept) + [chance.choice(honest)() for _ in range(count - kept)]
    chance.shuffle(works)
    return works


def warm_up() -> list[Work]:
    """One honest submission for each assignment: whatever is made once is made now."""
    first: dict[str, Work] = {}
    for make in _honest():
        work = make()
        first.setdefault(work.slug, work)
    return list(first.values())


def _hostile(case: Case) -> Work:
    return Work(case.name, case.side_car.assignment, case.upload_name, case.data(_places()), case=case)


def _places() -> dict[str, str]:
    """Nobody listens here: what a case would reach is watched by the suite itself."""
    nobody = {"TCP_PORT": "9", "UDP_PORT": "9", "ABSTRACT": "nobody", "CANARY_FILE": "nothing"}
    return nobody | {
        "PROJECT": str(ROOT), "ASSIGNMENTS": str(HERE / "assignments"), "DATA_DIR": tempfile.gettempdir(),
        "HOME": str(Path.home()), "TEMP": tempfile.gettempdir(), "PID": str(os.getpid()),
    }  # fmt: skip


def _honest() -> list[Any]:
    twin = (HERE / "twins" / "honest.py").read_bytes()
    found = [
        lambda: Work("honest twin", SHAPE, "honest.py", twin, "passed"),
        lambda: Work("honest twin", TRAIN, "honest.py", twin, "passed"),
    ]
    for slug in QUICK:
        for folder, verdict in FOLDERS.items():
            for path in sorted((ROOT / "reference_solutions" / slug / folder).glob("*.py")):
                name = f"{slug}/{folder}/{path.stem}"
                found.append(lambda n=name, s=slug, p=path, v=verdict: Work(n, s, p.name, p.read_bytes(), v))
    return found


def prepare(data_dir: Path) -> tuple[str, str]:
    """A course with every assignment that is needed, and one student."""
    parts = open_parts(data_dir)
    course = create_course(parts.courses, COURSE, "Soak", CountingRule.BEST, [SHAPE, TRAIN, *OTHERS, *QUICK])
    email, password = "student@example.edu", secrets.token_urlsafe(9)
    user = parts.accounts.create(email, "Ada Student", password=password)
    parts.courses.set_role(course.id, user.id, Role.STUDENT)
    parts.database.engine.dispose()
    return email, password


def feed(session: server.Session, works: list[Work], done: list[Work], console: Console) -> None:
    """Keep the line full until all of these are final, and add them to `done`."""
    waiting: list[Work] = []
    pending = list(works)
    while pending or waiting:
        while pending and len(waiting) < LINE:
            work = pending.pop(0)
            work.id = server.hand_in(session, work.slug, work.file_name, work.data, COURSE)["id"]
            waiting.append(work)
        for work in list(waiting):
            found = server.call(session, "GET", f"/submissions/{work.id}")
            if found["state"] != "done":
                break
            work.report = found["report"]
            waiting.remove(work)
            done.append(work)
            problem = work.problem()
            console.print(
                f"{len(done):>4}  {work.name:<48} {work.report['verdict']:<8}"
                f" {work.report['reason'] or '':<14} {problem or ''}",
                highlight=False,
            )
        time.sleep(POLL_SECONDS)


def soak(count: int, console: Console) -> int:
    """Hand all in; 0 when every verdict is right and nothing has grown."""
    works, done = mixed(count), list[Work]()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        os.environ |= {"TMPDIR": str(folder / "tmp"), "GRADER_ASSIGNMENTS_DIR": str(HERE / "assignments")}
        sign_in = prepare(folder / "data")
        with service(folder / "data") as address:
            session = signed_in(address, sign_in)
            feed(session, warm_up(), [], console)
            before = Footprint.settled(folder)
            start = time.monotonic()
            feed(session, works, done, console)
            seconds = time.monotonic() - start
            after = Footprint.settled(folder)
    return _judge(done, count, before.growth(after), seconds, console)


def _judge(done: list[Work], count: int, growth: GrowsBeyond, seconds: float, console: Console) -> int:
    wrong = [work for work in done if work.problem()]
    verdicts = Counter(f"{work.report['verdict']} {work.report['reason'] or ''}".strip() for work in done)
    console.print(
        f"\n{len(done)} of {count} are final after {seconds:.0f} s; {len(wrong)} got a wrong verdict."
    )
    for verdict, number in verdicts.most_common():
        console.print(f"  {number:>4}  {verdict}", highlight=False)
    console.print(growth.table())
    tell_wrong(wrong, console)
    return int(bool(wrong) or len(done) != count or bool(growth.too_much))


def tell_wrong(wrong: list[Work], console: Console) -> None:
    """Which verdicts were wrong, with what the student read."""
    for work in wrong:
        console.print(f"wrong: {work.name}: {work.problem()}\n{work.report['feedback']}", markup=False)


def main() -> int:
    """Soak, and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300)
    return soak(parser.parse_args().count, Console(width=120))


if __name__ == "__main__":
    sys.exit(main())
