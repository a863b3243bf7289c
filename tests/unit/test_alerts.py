"""Each metric that docs/alerts.yaml asks for is one that `/metrics` has, with those labels; each alert says what to do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from grader.domain.submission import Lane
from grader.metrics import exposition
from grader.services.flow import Flow, LaneFacts
from grader.standing import Standing

PAGE = Path(__file__).resolve().parents[2] / "docs" / "alerts.yaml"
RULES = [rule for group in yaml.safe_load(PAGE.read_text("utf-8"))["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def samples() -> dict[str, set[str]]:
    """Each name with its labels."""
    lanes = {lane: Flow(LaneFacts(work_s=1.0)) for lane in Lane}
    standing = Standing(
        datetime.now(UTC), database=True, broker=True, disk=True, free={"queue": 1}, lanes=lanes
    )
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(exposition(standing).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_what_an_alert_asks_for_is_told(samples: dict[str, set[str]], rule: dict[str, str]) -> None:
    names = re.findall(r"\bgrader_\w+", re.sub(r'"[^"]*"', "", rule["expr"]))
    assert names
    assert set(names) <= samples.keys()
    by = re.findall(r"by \(([^)]*)\)", rule["expr"])
    wanted = {label.strip() for labels in by for label in labels.split(",")}
    wanted |= set(re.findall(r"(\w+)=", rule["expr"]))
    assert wanted <= set().union(*(samples[name] for name in names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_then_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert set(rule["annotations"]) == {"summary", "todo"}
    assert all(text.endswith((".", "?")) for text in rule["annotations"].values())
