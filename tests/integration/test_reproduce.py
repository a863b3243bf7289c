"""`grader reproduce` on reports of real gradings: nothing differs, and what was tampered with does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "reference_solutions"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reproduce")


def grader(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    environ = kept | {"GRADER_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "grader.cli", *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300)


def graded(folder: Path, slug: str, file: str) -> tuple[Path, dict[str, Any]]:
    done = grader(folder, "grade", slug, str(SOLUTIONS / slug / file), "--json")
    path = folder / f"{slug}.json"
    path.write_text(done.stdout, "utf-8")
    return path, json.loads(done.stdout)


@pytest.fixture(scope="module")
def dense(folder: Path) -> tuple[Path, dict[str, Any]]:
    return graded(folder, "traffic-dense", "accepted/functional.py")


def test_a_trained_model_comes_out_the_same(folder: Path, dense: tuple[Path, dict[str, Any]]) -> None:
    path, report = dense
    assert report["provenance"]["cpu"]
    done = grader(folder, "reproduce", str(path))
    assert (done.returncode, done.stdout) == (0, "Nothing differs: passed, 10 of 10.\n"), done.stderr
    told = json.loads(grader(folder, "reproduce", str(path), "--json").stdout)
    assert told == {"format": 1, "same": True, "results": [], "surroundings": []}


def test_a_report_that_was_changed_is_found_out(folder: Path, dense: tuple[Path, dict[str, Any]]) -> None:
    path, report = dense
    run = report["parts"][0]["training"]["runs"][0]
    run["history"]["accuracy"][-1] += 2**-24
    report["score"], report["provenance"]["keras"] = 9.0, "3.0"
    changed = path.with_name("changed.json")
    changed.write_text(json.dumps(report), "utf-8")
    done = grader(folder, "reproduce", str(changed))
    assert done.returncode == 1
    assert "score: 9.0 → 10.0" in done.stdout
    assert "model, seed 0: accuracy" in done.stdout
    assert "another keras: 3.0 → 3.15" in done.stdout


def test_a_function_is_run_again_from_its_file_on_the_same_numbers(folder: Path) -> None:
    file = "failed/missing_square.py"
    path, _ = graded(folder, "custom-loss", file)
    alone = grader(folder, "reproduce", str(path))
    assert alone.returncode == 2
    assert "--source" in alone.stderr
    done = grader(folder, "reproduce", str(path), "--source", str(SOLUTIONS / "custom-loss" / file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing differs: failed" in done.stdout


def test_what_is_no_report_is_wrong_usage(folder: Path) -> None:
    path = folder / "no.json"
    for text in ("", "[]", '{"assignment": "xor"}'):
        path.write_text(text, "utf-8")
        done = grader(folder, "reproduce", str(path))
        assert done.returncode == 2
        assert "no.json" in done.stderr
