from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.cli.serve import grading_environ
from grader.cli.supervisor import lanes_of, take_lock


def test_a_grading_worker_is_told_no_secret(tmp_path: Path) -> None:
    environ = {
        "GRADER_DATABASE_URL": "x",
        "GRADER_SECRET_KEY_FILE": "y",
        "GRADER_METRICS_TOKEN_FILE": "t",
        "GRADER_BROKER_URL": "z",
        "PATH": "p",
    }
    assert grading_environ(environ, tmp_path) == {
        "GRADER_BROKER_URL": "z", "PATH": "p", "GRADER_DATA_DIR": str(tmp_path),
    }  # fmt: skip


def test_no_process_runs_submissions_and_knows_the_database() -> None:
    result = CliRunner().invoke(cli, ["worker", "--queues", "control,grading"])
    assert result.exit_code == 2
    assert "two workers" in result.output


def test_one_worker_takes_all_lanes_and_further_ones_are_for_quick_jobs() -> None:
    assert lanes_of(1) == [("grading", "slow")]
    assert lanes_of(3) == [("grading",), ("grading",), ("grading", "slow")]


def test_one_data_folder_is_served_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with take_lock(tmp_path):
        with pytest.raises(SystemExit) as caught:
            take_lock(tmp_path)
        assert caught.value.code == 2
        assert "already" in capsys.readouterr().err
    take_lock(tmp_path).close()
