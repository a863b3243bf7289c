"""Every way to die and whose affair it is; tests/training/test_death.py dies the common ones."""

from __future__ import annotations

import signal

import pytest

from workers.training.death import Cause, TrainerDied, judge, stood_still

OOM = (
    "tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[9]"
)


@pytest.mark.parametrize(
    ("status", "said", "cause", "about_model"),
    [
        (1, "Traceback …\nnumpy._core._exceptions._ArrayMemoryError: Unable to allocate", Cause.MEMORY, True),
        (1, OOM, Cause.MEMORY, True),
        (1, "RuntimeError: can't start new thread", Cause.MEMORY, True),
        (
            -signal.SIGABRT,
            "terminate called after throwing an instance of 'std::bad_alloc'",
            Cause.MEMORY,
            True,
        ),
        (-signal.SIGABRT, "LLVM ERROR: out of memory", Cause.MEMORY, True),
        (-signal.SIGABRT, "Check failed: dims > 0", Cause.CRASHED, True),
        (-signal.SIGSEGV, "", Cause.CRASHED, True),
        (-signal.SIGILL, "", Cause.CRASHED, True),
        (-signal.SIGFPE, "", Cause.CRASHED, True),
        (-signal.SIGXCPU, "", Cause.TIME, True),
        (-signal.SIGKILL, "", Cause.KILLED, False),
        (-signal.SIGKILL, "MemoryError", Cause.KILLED, False),
        (-signal.SIGTERM, "", Cause.KILLED, False),
        (-signal.SIGINT, "KeyboardInterrupt", Cause.KILLED, False),
        (-signal.SIGHUP, "", Cause.KILLED, False),
        (-signal.SIGBUS, "", Cause.CRASHED, False),
        (-63, "", Cause.CRASHED, False),
        (1, "ValueError: Unknown loss", Cause.FAILED, False),
        (2, "usage", Cause.FAILED, False),
        (137, "MemoryError", Cause.FAILED, False),
        (0, "", Cause.GONE, False),
        (None, "", Cause.GONE, False),
    ],
)
def test_the_table(status, said, cause, about_model):
    death = judge(status, said)
    assert (death.cause, death.about_model) == (cause, about_model)
    assert said[-40:].strip() in str(death)


def test_a_trainer_that_uses_its_cpu_seconds_up_was_let_in_wrongly():
    assert str(judge(-signal.SIGXCPU)) == (
        "the trainer ended with SIGXCPU (time; about the model, which its budget let in)"
    )
    assert TrainerDied(judge(-signal.SIGXCPU)).about_model


def test_no_wall_clock_is_about_a_model():
    death = stood_still(300)
    assert (death.cause, death.about_model, death.is_chance) == (Cause.STANDSTILL, False, True)
    assert str(death) == "the trainer stood still for 300 s (standstill; ours)"


def test_last_words_are_the_last_ones_and_not_too_many():
    death = judge(1, "x" * 10_000 + "ValueError: the end")
    assert death.detail.endswith("the end")
    assert len(death.detail) < 2100
