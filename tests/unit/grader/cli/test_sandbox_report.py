from __future__ import annotations

import os

from grader.cli.sandbox_report import SandboxReport, ask_sandbox, read_report

ANSWER = '{"works": true, "sandbox": "bubblewrap", "users": "one", "degraded": ["memory"], "cause": null, "text": "T"}'


def test_what_the_sandbox_tells() -> None:
    assert read_report(ANSWER) == SandboxReport(True, "T", "one", ("memory",))


def test_who_says_nothing_that_can_be_read_does_not_work() -> None:
    report = read_report("", "ModuleNotFoundError: workers")
    assert not report.works
    assert "ModuleNotFoundError" in report.text


def test_a_sandbox_of_no_such_name_is_asked_and_does_not_work() -> None:
    report = ask_sandbox(dict(os.environ) | {"GRADER_SANDBOX": "nonsense"})
    assert not report.works
    assert "nonsense" in report.text
