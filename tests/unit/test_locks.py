"""The locks: the smaller ones are parts of dev.lock, and each has all that its extras need on this Python."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.environments import needed_by

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "requirements"
EXTRAS = {"client": "", "guest": "guest", "worker": "guest,worker", "server": "server"}


def entries(name):
    """Name → its pin with all hashes."""
    blocks = re.split(r"(?m)^(?=[a-z0-9])", (LOCKS / f"{name}.lock").read_text("utf-8"))
    return {canonicalize_name(block.split("==")[0]): block.strip() for block in blocks if "==" in block}


@pytest.mark.parametrize("name", EXTRAS)
def test_a_smaller_lock_is_a_part_of_the_one_with_everything(name):
    assert entries(name).items() <= entries("dev").items()


@pytest.mark.parametrize("name", EXTRAS)
def test_a_lock_has_what_its_extras_need(name):
    needed = needed_by([f"keras-grader[{EXTRAS[name]}]"])
    if name == "guest":  # an image of its own, without the client
        needed -= entries("client").keys() - entries("guest").keys()
    assert needed <= entries(name).keys()


@pytest.mark.parametrize("name", [*EXTRAS, "dev"])
def test_a_lock_holds_names_versions_and_hashes(name):
    for pin in entries(name).values():
        head, *hashes = pin.split(" \\\n")
        assert re.fullmatch(r"[a-z0-9.-]+==[^\s;]+", head)
        assert hashes
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}", line) for line in hashes)


def test_the_pythons_are_the_same_everywhere():
    """As metadata, to the locks, in CI, to the tools."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    classifiers = "\n".join(project["project"]["classifiers"])
    oldest, *_, newest = re.findall(r"Python :: (3\.\d+)", classifiers)
    too_new = f"3.{int(newest.partition('.')[2]) + 1}"
    assert f'OLDEST, TOO_NEW = "{oldest}", "{too_new}"' in (LOCKS / "lock.py").read_text("utf-8")
    assert f"version={newest}\n" in (ROOT / ".ci" / "newest-python").read_text("utf-8")
    assert project["project"]["requires-python"] == f">={oldest}"
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
