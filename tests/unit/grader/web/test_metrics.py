"""The page for Prometheus: who may read it, and what it says."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from grader.db.columns import utc_now
from grader.services.ports import Sign
from grader.settings import load_settings
from grader.web import create_app, metrics

School = Any


def header(app: Flask, scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {app.config[metrics.TOKENS][0]}"}


def test_its_own_token_opens_it_and_nobodys_else_does(
    app: Flask, client: FlaskClient, school: School
) -> None:
    root = school.parts.accounts.issue_token(school.ids["root"], "t", utc_now())[0]
    token = app.config[metrics.TOKENS][0]
    for wrong in (
        "",
        f"Bearer {root}",
        "Bearer",
        "Bearer x",
        f"Basic {token}",
        f"Bearer {token[:-1]}",
        "Bearer ü",
    ):
        answer = client.get("/metrics", headers={"Authorization": wrong})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "grader_" not in answer.text
    assert client.get("/metrics", headers=header(app, "bearer")).status_code == 200


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = (create_app(load_settings({}, data_dir=tmp_path)) for _ in range(2))
    kept = tmp_path / metrics.FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    assert first.config[metrics.TOKENS] == second.config[metrics.TOKENS] == [kept.read_text()]


def test_an_operators_file_counts_each_line_of_it(school: School, tmp_path: Path) -> None:
    given = tmp_path / "token"
    given.write_text(f"{'a' * 40}\n{'b' * 40}\n")
    settings = load_settings({"GRADER_METRICS_TOKEN_FILE": str(given)}, data_dir=tmp_path)
    client = create_app(settings, school.parts).test_client()
    for token, status in (("a" * 40, 200), ("b" * 40, 200), ("c" * 40, 401)):
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status
    given.write_text("short")
    with pytest.raises(ValueError, match="at least 32 characters"):
        create_app(settings)
    given.unlink()
    with pytest.raises(ValueError, match="GRADER_METRICS_TOKEN_FILE"):
        create_app(settings)


def test_where_no_token_can_be_kept_all_else_works(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 40)
    (tmp_path / "data").write_text("no folder")
    settings = load_settings({}, data_dir=tmp_path / "data", secret_key_file=key)
    with caplog.at_level(logging.WARNING):
        client = create_app(settings).test_client()
    assert "nobody can read /metrics" in caplog.text
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401
    assert client.get("/health/alive").status_code == 200


def test_it_says_what_was_counted_in_words_that_prometheus_reads(
    app: Flask, client: FlaskClient, school: School, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report())
    school.hand_in(at=utc_now())
    school.parts.workers.seen(Sign("w", "grading", True), utc_now())
    answer = client.get("/metrics", headers=header(app))
    told = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert told["grader_reports_total", "passed", "quick"] == 1
    assert told["grader_lane_waiting", "quick"] == 1
    assert told["grader_workers", "busy", "quick"] == 1
    assert told["grader_lane_drains", "slow"] == 0
    assert told["grader_uploads_taken",] == 1
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_label_has_a_person_a_course_or_an_assignment(
    app: Flask, client: FlaskClient, school: School, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report())
    school.hand_in(at=utc_now())
    school.parts.workers.seen(Sign("a-machine-17", "grading", True), utc_now())
    text = client.get("/metrics", headers=header(app)).text
    values = set(re.findall(r'="([^"]*)"', text))
    assert {value for value in values if not re.fullmatch(r"[\d.]+|\+Inf", value)} == {
        "quick", "slow", "quick+slow", "idle", "busy", "passed", "failed", "invalid", "grader_error", "kept", "fresh",
        "queue", "extract", "train", "total", "database", "unsigned", "forged", "garbled", "misfit", "misplaced",
    }  # fmt: skip
    for hidden in (*school.ids, *school.ids.values(), "keras", "dense", "a-machine"):
        assert hidden not in text
