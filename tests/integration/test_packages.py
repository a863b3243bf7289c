"""What is in the sdist and in the wheel: all that is needed, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import grader
from grader.demo.tries import reference_solutions
from tests.packages import files_of

pytestmark = pytest.mark.services

MADE_BY_THE_BUILD = {"PKG-INFO", "setup.cfg"}


@pytest.fixture(scope="module")
def sdist(packages):
    """Path below the top folder → contents of every file."""
    with tarfile.open(packages.sdist) as archive:
        files = [member for member in archive if member.isfile()]
        return {member.name.partition("/")[2]: archive.extractfile(member).read() for member in files}


def contents(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def wheel(packages):
    return contents(packages.wheel)


def test_the_sdist_is_the_repository(packages, sdist):
    ours = {name for name in sdist if not name.startswith("keras_grader.egg-info/")} - MADE_BY_THE_BUILD
    assert ours == files_of(packages.tree)
    for name in ours:
        assert sdist[name] == (packages.tree / name).read_bytes(), name


def test_a_demo_from_the_sdist_has_its_solutions(packages, tmp_path):
    subprocess.run(["tar", "xzf", str(packages.sdist), "-C", str(tmp_path)], check=True)
    (unpacked,) = tmp_path.iterdir()
    code = "from grader.demo import tries; print(tries.__file__, len(tries.reference_solutions()))"
    words = [sys.executable, "-c", code]
    shown = subprocess.run(words, cwd=unpacked, capture_output=True, text=True, timeout=60)
    found = [str(unpacked / "grader" / "demo" / "tries.py"), str(len(reference_solutions()))]
    assert shown.stdout.split() == found, shown.stderr


def test_a_wheel_is_the_same_from_a_checkout_and_from_the_sdist(packages, wheel):
    other = contents(packages.wheel_of_tree)
    assert wheel.keys() == other.keys()
    assert [name for name in wheel if wheel[name] != other[name]] == []


def test_the_wheel_has_the_packages_and_what_they_read(packages, wheel):
    in_packages = {name for name in files_of(packages.tree) if name.startswith(("grader/", "workers/"))}
    words = {name for name in in_packages if name.endswith(".po")}
    compiled = {str(Path(name).with_suffix(".mo")) for name in words}
    assignments = {name for name in files_of(packages.tree) if name.startswith("assignments/")}
    built_in = {name.replace("assignments/", "grader/builtin/", 1) for name in assignments}
    as_json = {str(Path(name).with_suffix(".json")) for name in built_in if name.endswith(".yaml")}
    needed = (in_packages - words) | compiled | built_in | as_json | {"workers/sandbox/seccomp.json"}
    assert words
    assert as_json
    assert {name for name in wheel if ".dist-info/" not in name} == needed


def test_the_version_is_said_in_one_place(packages, sdist, wheel):
    (metadata,) = (text for name, text in wheel.items() if name.endswith(".dist-info/METADATA"))
    for text in (metadata, sdist["PKG-INFO"]):
        assert Parser().parsestr(text.decode())["Version"] == grader.__version__
    name = f"keras_grader-{grader.__version__}"
    assert packages.sdist.name == f"{name}.tar.gz"
    assert packages.wheel.name == f"{name}-py3-none-any.whl"
