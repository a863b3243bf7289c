from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from grader.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[3]


def test_defaults_need_nothing():
    settings = load_settings({})
    assert settings.broker_url == ""
    assert settings.effective_database_url.startswith("sqlite:///")


def test_the_environment_is_read_and_options_win(tmp_path):
    environ = {
        "GRADER_DATA_DIR": str(tmp_path),
        "GRADER_TRUSTED_PROXIES": "2",
        "GRADER_ALLOW_DEGRADED_SANDBOX": "yes",
    }
    settings = load_settings(environ, sandbox="docker", broker_url=None)
    assert (settings.data_dir, settings.trusted_proxies) == (tmp_path, 2)
    assert settings.allow_degraded_sandbox
    assert settings.sandbox == "docker"


@pytest.mark.parametrize("name", ["GRADER_TRUSTED_PROXIES", "GRADER_ALLOW_DEGRADED_SANDBOX"])
def test_a_bad_variable_is_named(name):
    with pytest.raises(ValueError, match=name):
        load_settings({name: "maybe"})


def test_every_setting_is_documented():
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for setting in fields(Settings):
        assert f"`GRADER_{setting.name.upper()}`" in page


def test_nobody_else_reads_the_environment():
    """A child's environment is passed on as a whole in a few places; single variables are read in settings alone."""
    for path in [*(ROOT / "grader").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]:
        if path.name not in ("settings.py", "session.py"):
            assert 'environ.get("GRADER' not in path.read_text("utf-8"), path
