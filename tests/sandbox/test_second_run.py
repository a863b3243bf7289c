"""What had ended before a limit ended the job is run once more, by itself, and counts; in a real guest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.errors import Reason, StudentError
from tests.built_in import catalog
from workers.extract import SandboxExtractor
from workers.sandbox.base import Sandbox

pytestmark = pytest.mark.sandbox

TRAFFIC = catalog().assignments["traffic-dense"]
RIGHT = """
import tensorflow as tf
model = tf.keras.Sequential([
    tf.keras.Input((32, 32, 3)), tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(128, activation="relu"), tf.keras.layers.Dense(5, activation="softmax")])
"""
ENDS = {
    "time": ("while True: pass", Reason.TIME_LIMIT),
    "memory": ("held = [bytearray(2**20) for _ in range(10**6)]", Reason.MEMORY_LIMIT),
    "output": ("while True: print('x' * 4096)", Reason.OUTPUT_LIMIT),
    "disk": ("f = open('f', 'wb')\nwhile True: f.write(bytes(2**20))", Reason.DISK_LIMIT),
    "waiting": ("import time; time.sleep(1e6)", Reason.TIME_LIMIT),
}


def extracted(sandbox: Sandbox, source: str) -> tuple[int, list[str]]:
    # A busy machine takes its time: the clock is short only where it is what must end the job.
    wall = 6.0 if "sleep" in source else 120.0
    limits = replace(TRAFFIC.limits, cpu_seconds=4.0, wall_seconds=wall, memory_mib=1024)
    found = SandboxExtractor(sandbox).extract(source, replace(TRAFFIC, limits=limits))
    return len(found.parts["model"].model.layers), [note.code for note in found.notes]


@pytest.mark.parametrize("sandbox", ["bubblewrap-forkserver"], indirect=True)
@pytest.mark.parametrize("end", ENDS)
def test_a_right_model_before_a_limit_counts(sandbox: Sandbox, end: str) -> None:
    source, _ = ENDS[end]
    layers, notes = extracted(sandbox, f"{RIGHT}\n{source}\nmodel = None\n")
    assert layers == 4
    assert {"note_cut_off", "note_stopped"} & set(notes), (
        "MemoryError and a full disk can be an error of the line"
    )


@pytest.mark.parametrize("sandbox", ["bubblewrap-forkserver"], indirect=True)
@pytest.mark.parametrize("end", ENDS)
def test_a_limit_before_the_model_is_the_first_cause(sandbox: Sandbox, end: str) -> None:
    source, reason = ENDS[end]
    with pytest.raises(StudentError) as caught:
        extracted(sandbox, f"start = 1\n{source}\nmodel = make(start)\n")
    error = caught.value
    assert error.reason in (reason, Reason.BAD_CODE)
    if error.reason is reason:
        assert (error.location and error.location.line) == (3 if end == "disk" else 2)


@pytest.mark.parametrize("sandbox", ["bubblewrap-forkserver"], indirect=True)
def test_a_crash_is_final(sandbox: Sandbox) -> None:
    with pytest.raises(StudentError) as caught:
        extracted(sandbox, f"{RIGHT}\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert caught.value.reason is Reason.CRASHED


def test_every_guest_says_how_far_it_came(sandbox: Sandbox) -> None:
    outcome = sandbox.run(
        {"source": "a = 1\nb = 2\nwhile True: pass\n", "parts": [], "preload": False},
        replace(TRAFFIC.limits, cpu_seconds=0.5, memory_mib=256),
    )
    assert outcome.ended == 2
