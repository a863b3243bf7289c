"""What a meter counts: CPU time that is known beforehand, burnt where it is easily missed."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from grader.domain.assignment import Limits
from tests.bench.family import FamilyMeter
from tests.bench.metering import GroupMeter, Meter, make_meter

BURN = """
import os, sys, time

def burn(seconds):
    while time.process_time() < seconds:
        pass

def below(act):
    child = os.fork()
    if not child:
        act()
        os._exit(0)
    return child
"""
IN_A_REAPED_GRANDCHILD = f"{BURN}\nos.waitpid(below(lambda: os.waitpid(below(lambda: burn(1)), 0)), 0)\n"
IN_AN_ORPHAN = f"""{BURN}
heard, said = os.pipe()
os.waitpid(below(lambda: below(lambda: (os.setsid(), burn(1)))), 0)
os.close(said)
os.read(heard, 1)  # until the orphan is gone, however long that takes
time.sleep(1)
"""
IN_A_KILLED_CHILD = f"{BURN}\nos.waitpid(below(lambda: (burn(1), os.kill(os.getpid(), 9))), 0)\n"
IN_A_SANDBOX = """
import sys
from tests.bench.test_metering import run_in_a_sandbox
run_in_a_sandbox()
"""
BURNING = """
import os, time
started = os.times()
if not os.fork():
    while time.process_time() < 2:
        pass
    os._exit(0)
os.wait()
def build_model():
    return None
"""


@pytest.fixture(params=["best", "family"])
def meter(request):
    made = make_meter() if request.param == "best" else FamilyMeter()
    yield made
    made.close()


def used(meter: Meter, program: str) -> float:
    before = meter.seconds()
    assert meter.start([sys.executable, "-c", program]).wait(60) == 0
    return meter.seconds() - before


@pytest.mark.parametrize("program", [IN_A_REAPED_GRANDCHILD, IN_AN_ORPHAN, IN_A_KILLED_CHILD])
def test_nothing_is_missed(meter, program):
    assert 0.98 <= used(meter, program) <= 1.5


def test_what_others_burn_is_not_counted(meter):
    waiting = meter.start([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    time.sleep(0.5)
    before = meter.seconds()
    subprocess.run([sys.executable, "-c", IN_A_REAPED_GRANDCHILD], check=True)
    assert meter.seconds() - before < 0.2
    waiting.communicate(b"\n")


def test_a_closed_meter_leaves_nothing(meter):
    process = meter.start([sys.executable, "-c", "import time; time.sleep(600)"])
    until = time.monotonic() + 10
    while not meter.pids() and time.monotonic() < until:
        time.sleep(0.01)
    pids = meter.pids()
    meter.close()
    assert process.wait(10) != 0
    assert pids
    assert not meter.pids()
    if isinstance(meter, GroupMeter):
        assert not meter._folder.exists()


@pytest.mark.sandbox
def test_a_sandboxed_grandchild_is_counted(meter):
    idle, burnt = (used(meter, IN_A_SANDBOX.replace("()", f"({seconds})")) for seconds in (0, 2))
    assert 1.7 <= burnt - idle <= 3.0


def run_in_a_sandbox(seconds: float) -> None:
    """In a fresh sandbox, so that its supervisor is gone when this returns."""
    from workers.sandbox.base import Finished, Mode
    from workers.sandbox.choose import open_sandbox

    sandbox = open_sandbox("bubblewrap", mode=Mode.FRESH)
    source = BURNING.replace("< 2", f"< {seconds}")
    entry = {"name": "build_model", "arguments": [], "other_functions": [], "variables": []}
    part = {"name": "model", "entry_point": entry, "input_shape": [2]}
    outcome = sandbox.run({"source": source, "preload": False, "parts": [part]}, Limits())
    sandbox.close()
    assert isinstance(outcome, Finished)
