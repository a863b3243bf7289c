"""What a guest says, whole or damaged, gives models within every bound or a message, and nothing else ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.claims import CLAIMS, SEEDS, judge

ROOT = Path(__file__).resolve().parents[2]


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(CLAIMS)
def test_every_claim_ends_in_models_or_in_a_message(claim):
    judge(claim)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: "error" if "error" in seed else "models")
def test_the_seeds_are_claims_as_guests_make_them(seed):
    outcome = judge(json.dumps(seed).encode())
    assert outcome == "model" if "parts" in seed else outcome in ("bad_code", "bad_result")


def test_the_long_run_works_under_watch_and_says_how_many():
    program = [sys.executable, "-m", "tests.fuzz.long", "--examples", "200"]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert "nothing but models and messages" in ended.stdout
    assert " model " in ended.stdout


@pytest.mark.parametrize(
    "deed",
    ["open('/dev/null')", "__import__('this')", "exec('1')", "__import__('socket').socket()", "' ' * 10**10"],
)
def test_the_watch_sees_what_it_forbids(deed):
    """In a process of its own, since an audit hook stays for good."""
    program = f"import socket, tests.fuzz.long as long\nlong.judge = lambda _: {deed}\nlong.Watch().read(b'')"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 1
    assert "AssertionError: reading a claim" in ended.stderr or "MemoryError" in ended.stderr


def _as_expression(deed):
    return "__import__('this')" if deed == "__import__('this')" else deed


def test_the_watch_ends_what_does_not_end():
    program = (
        "import tests.fuzz.long as long\nlong.CPU_SECONDS = 0.2\n"
        "def forever(_):\n    while True: pass\nlong.judge = forever\nlong.Watch().read(b'')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert "of CPU time" in ended.stderr
