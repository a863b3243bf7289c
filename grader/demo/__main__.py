"""`make demo`; 0 only when every verdict is the expected one, 3 when no sandbox works, 128 and more when it was ended."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console

from grader.cli.sandbox_report import SandboxReport, ask_sandbox
from grader.cli.session import WRONG_USAGE, Refused
from grader.demo.course import COURSE, SignIns, free_folder, prepare
from grader.demo.ending import Ending
from grader.demo.handing_in import await_reports, hand_in
from grader.demo.service import service, signed_in
from grader.demo.table import table_of
from grader.demo.telling import Lines, shown
from grader.demo.tries import ALL, ROOT, SAMPLE, SOLUTIONS, Try, chosen, reference_solutions

OUR_FAULT = 3
WIDTH = 160  # of a log, where no terminal says how wide it is
ALLOW_DEGRADED = {"GRADER_ALLOW_DEGRADED_SANDBOX": "yes"}


def main() -> int:
    """Run the demo, and end in order whatever comes."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    ending = Ending()
    try:
        return demonstrate(console, ending)
    except Refused as error:
        status = error.status
        console.print(f"The demo ends here. {error.message}", markup=False, highlight=False)
    except BaseException:
        if ending.number is None:
            raise
        status = ending.say(console)
    return status


def demonstrate(console: Console, ending: Ending) -> int:
    """Ask the sandbox, choose what is handed in, grade it in a folder of this demo's own."""
    if not SOLUTIONS.is_dir():
        raise Refused(
            "An installed grader has no reference solutions. Run `make demo` in a checkout or an unpacked sdist.",
            WRONG_USAGE,
        )
    report = ask_sandbox()
    ending.check()
    if not (report.works and "MAKELEVEL" in os.environ):  # make has asked and told the same just before
        console.print(report.text, markup=False, highlight=False)
    if not report.works:
        console.print("Student code is never run without a sandbox, so nothing is graded here.")
        return OUR_FAULT
    wish = os.environ.get("DEMO") or (SAMPLE if report.users == "one" else ALL)
    try:
        tries = chosen(reference_solutions(), wish)
    except ValueError as error:
        console.print(str(error), markup=False, highlight=False)
        return WRONG_USAGE
    _introduce(report, wish, tries, console)
    try:
        with free_folder(ROOT / "var") as data_dir:
            return run(data_dir, tries, ALLOW_DEGRADED if report.degraded else {}, console, ending)
    except PermissionError as error:
        raise Refused(
            f"You may not write to {error.filename}. If root made it: sudo make clean.", 1
        ) from None


def _introduce(report: SandboxReport, wish: str, tries: list[Try], console: Console) -> None:
    if report.degraded:
        console.print(
            f"This demo goes on without limits of {' and '.join(report.degraded)}: it listens on this machine alone, "
            "and what it runs comes with the project. `grader serve` and `grader worker` refuse."
        )
    if wish == SAMPLE:
        console.print(
            f"A sample is handed in, {len(tries)} files: of each exercise one for each verdict. Each job gets a sandbox of "
            "its own here and loads the libraries anew. For all of them: make demo DEMO=all"
        )


def run(data_dir: Path, tries: list[Try], more: dict[str, str], console: Console, ending: Ending) -> int:
    """The service, everything handed in, the table."""
    name, lines = data_dir.relative_to(ROOT), Lines(console, ending.check)
    sign_ins = prepare(data_dir)
    console.print(f"Data of this demo: {name}", highlight=False)
    console.print(
        "Starting the service; it tries to get out of its own sandbox first, which takes some seconds."
    )
    with service(data_dir, more, lambda: lines.tell(lambda: "the service is starting")) as address:
        console.print(f"The service is up at {address}")
        session = signed_in(address, sign_ins["student"])
        hand_in(session, tries, lambda: lines.tell(lambda: "handing in"))
        with shown(tries, lines) as tell:
            await_reports(session, tries, tell)
        console.print(table_of(tries))
        right = sum(each.right for each in tries)
        console.print(f"{right} of {len(tries)} verdicts are the expected ones.")
        _invite(address, sign_ins, console, ending)
    words = " ".join(f"{key}={value}" for key, value in more.items())
    console.print(
        f"Look again later with: {words} .venv/bin/grader serve --data-dir {name}".replace("  ", " ")
    )
    return 0 if tries and right == len(tries) else 1


def _invite(address: str, sign_ins: SignIns, console: Console, ending: Ending) -> None:
    console.print(f"\nDashboard: {address}/courses/{COURSE}/dashboard")
    for role, (email, password) in sign_ins.items():
        console.print(f"  {role:<8} {email}  {password}", highlight=False)
    if sys.stdin.isatty():
        with ending.waiting():
            console.input("Press Enter to stop the service. ")


if __name__ == "__main__":
    sys.exit(main())
