"""The judgement alone: what a canary says, does not say, or says about something else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.domain.assignment import Limits
from workers.sandbox import canary, reading, self_test
from workers.sandbox.base import (
    Crashed,
    DiskFull,
    Finished,
    Job,
    Outcome,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)
from workers.sandbox.self_test import Findings, examine, first_look, heard
from workers.sandbox.trials import TRIALS

WORD = "0123456789abcdef"


def lines(**states: str) -> list[str]:
    """What a canary prints that was held everywhere but in `states`."""
    said = [[name, states.get(name.replace(" ", "_"), "held"), ""] for name in canary.ATTEMPTS]
    return [f"{WORD} {json.dumps(each)}" for each in [*said, [canary.END, canary.END, ""]]]


def printed(*said: str) -> Outcome:
    return Finished(claim=b"{}", stdout="\n".join(said) + "\n")


def test_held_everywhere() -> None:
    assert heard(printed(*lines()), WORD) == []


@pytest.mark.parametrize("state", ["open", "broken", "", "HELD"])
def test_every_other_word_is_a_complaint(state: str) -> None:
    assert heard(printed(*lines(network=state)), WORD) == [f"network: {state}".strip()]


@pytest.mark.parametrize(
    "outcome", [Crashed(signal=11), TimedOut(clock="wall"), OutOfMemory(), TooMuchOutput(), DiskFull()]
)
def test_a_canary_that_does_not_come_back_is_no_good_news(outcome: Outcome) -> None:
    assert heard(outcome, WORD) == [f"it did not come back but ended as {type(outcome).__name__}"]


@pytest.mark.parametrize("missing", range(len(canary.ATTEMPTS) + 1))
def test_silence_about_one_attempt_is_a_complaint(missing: int) -> None:
    said = lines()
    del said[missing]
    (complaint,) = heard(printed(*said), WORD)
    assert complaint == f"nothing was heard of: {(*canary.ATTEMPTS, canary.END)[missing]}"


def test_an_attempt_that_is_heard_of_twice_counts_as_unheard() -> None:
    said = lines()
    assert heard(printed(*said, said[0]), WORD) == ["nothing was heard of: environment"]


@pytest.mark.parametrize("output", ["", "held held held", "[]", canary.script("x", {})])
def test_other_output_is_nothing_heard(output: str) -> None:
    assert "nothing was heard of: environment" in heard(printed(output), WORD)[0]


def test_another_runs_word_is_nothing_heard() -> None:
    assert "nothing was heard of" in heard(printed(*lines()), "fedcba9876543210")[0]


@pytest.mark.parametrize("line", ["", "{}", "[1]", "null", '["a", "held"', '["network", "held"]'])
def test_a_line_that_is_none_is_a_complaint(line: str) -> None:
    assert any(said.startswith("a line: broken") for said in heard(printed(*lines(), f"{WORD} {line}"), WORD))


def test_the_canary_names_every_attempt() -> None:
    assert all(f'"{name}"\n' in canary.script("", {}) for name in canary.ATTEMPTS)


class Answering:
    """A sandbox that answers every job by what a test says."""

    name = "scripted"
    degraded: tuple[str, ...] = ()

    def __init__(self, **endings: Outcome) -> None:
        self._endings = endings

    def run(self, job: Job, limits: Limits) -> Outcome:
        for trial in TRIALS:
            if job["source"] == trial.source:
                made: Any = {"clock": trial.clock} if trial.clock else {}
                return self._endings.get(trial.limit.replace(" ", "_"), trial.ends(**made))
        if job["source"] == reading.TRIAL.source:
            return self._endings.get("reading", printed("looked"))
        return printed(*(line.replace(WORD, job["source"][8:24]) for line in lines()))

    def probe(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def test_all_held(tmp_path: Path) -> None:
    findings = examine(Answering(), [tmp_path])
    assert findings.complaint == ""
    assert "self-test of the sandbox scripted passed: 24 ways out and 6 limits" in findings.line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("trial", "other"),
    [
        ("cpu", TimedOut(clock="wall")),
        ("wall_clock", TimedOut(clock="cpu")),
        ("memory", Crashed(signal=9)),
        ("memory", Finished(claim=b"{}")),
        ("processes", TimedOut(clock="cpu")),
        ("output", Finished(claim=b"{}")),
        ("disk", OutOfMemory()),
    ],
)
def test_a_limit_that_was_not_what_ended_it_is_missing(trial: str, other: Outcome, tmp_path: Path) -> None:
    findings = examine(Answering(**{trial: other}), [tmp_path])
    assert findings.missing == (f"{trial.replace('_', ' ')} (ended as {type(other).__name__})",)
    assert "Limits that did not hold" in findings.complaint
    assert "\n" not in findings.complaint


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (printed("closed /opt/grader/libraries/0/keras", "closed /opt/x", "looked"), "0/keras and 1 more"),
        (printed("closed /opt/grader/libraries/0/keras"), "nobody could look through the libraries"),
        (printed(), "nobody could look through the libraries"),
        (Crashed(signal=9), "ended as Crashed"),
    ],
)
def test_libraries_that_a_job_cannot_read_are_a_complaint(
    outcome: Outcome, said: str, tmp_path: Path
) -> None:
    """Installed with umask 077: a submission that imports one late would be told that its own code is wrong."""
    findings = examine(Answering(reading=outcome), [tmp_path])
    assert said in findings.complaint
    assert "failed" in findings.line


def test_a_first_look_tries_no_limit(tmp_path: Path) -> None:
    findings = first_look(Answering(memory=Finished(claim=b"{}"), cpu=DiskFull()), [tmp_path])
    assert (findings.complaint, findings.trials) == ("", 0)


def test_what_a_degraded_sandbox_lacks_is_not_tried(tmp_path: Path) -> None:
    sandbox = Answering(memory=Finished(claim=b"{}"))
    sandbox.degraded = ("memory", "processes", "cpu")
    findings = examine(sandbox, [tmp_path])
    assert (findings.complaint, findings.trials) == ("", 3)


def test_each_limit_is_tried_once() -> None:
    ends = [trial.ends for trial in TRIALS]
    assert ends == [TimedOut, TimedOut, OutOfMemory, TooManyProcesses, TooMuchOutput, DiskFull]


def test_findings_say_what_happened() -> None:
    findings = Findings("docker", ("network: open ['eth0']",), (), 6, 2.0)
    assert "The sandbox (docker) failed its self-test. The canary got out" in findings.complaint
    assert "failed" in findings.line


def test_what_the_host_saw_counts_whatever_the_canary_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(self_test.Bait, "taken", lambda _: ["a TCP port was reached"])
    assert examine(Answering(), [tmp_path]).escapes == ("a TCP port was reached",)
