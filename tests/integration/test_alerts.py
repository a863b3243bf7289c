"""The alert rules of docs/alerts.yaml: Prometheus's own tool reads them, and evaluates them over made-up hours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine import CACHE

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "docs" / "alerts.yaml"
HOURS = Path(__file__).with_name("alerts_test.yaml")


@pytest.fixture(scope="module")
def promtool() -> str:
    """Where it is; `make test` brings it."""
    found = shutil.which("promtool", path=f"{os.environ['PATH']}:{CACHE}")
    assert found, "promtool is missing. Run: bash docker/system-packages.sh test"
    return found


def run(*words: str | Path) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_the_rules(promtool: str) -> None:
    assert "SUCCESS" in run(promtool, "check", "rules", RULES)


def test_the_alerts_come_when_they_should_and_not_else(promtool: str, tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path)
    run(promtool, "test", "rules", shutil.copy(HOURS, tmp_path))


def test_they_would_be_missed(promtool: str, tmp_path: Path) -> None:
    (tmp_path / RULES.name).write_text(RULES.read_text().replace("grader_lane_stopped_seconds", "grader_x"))
    hours = shutil.copy(HOURS, tmp_path)
    assert subprocess.run([promtool, "test", "rules", hours], capture_output=True, timeout=60).returncode == 1
