"""The commands that grade here and now; they join the `grader` group through its entry point."""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "assignments": ("workers.cli.authoring:assignments", "List what can be graded."),
    "calibrate": ("workers.cli.calibrate:calibrate", "Measure how often chance decides a verdict."),
    "check": ("workers.cli.grade:check", "Try your own file on your own machine."),
    "data": ("workers.cli.data:data", "Look at data sets, import real ones."),
    "grade": ("workers.cli.grade:grade", "Grade a file or a folder here and now."),
    "mutate": ("workers.cli.mutate:mutate", "Prove that checks catch wrong models made from the reference."),
    "new": ("workers.cli.new:new", "Start an assignment of your own."),
    "reproduce": ("workers.cli.reproduce:reproduce_command", "Grade a report again and say what differs."),
    "verify": ("workers.cli.authoring:verify", "Prove that every reference solution gets its verdict."),
}
"""Name → where the command is, and its line in `grader --help`; loaded when it runs."""
