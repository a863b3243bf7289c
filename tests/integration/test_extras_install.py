"""The wheel and the sdist with each extra, in environments that have what that extra asks for and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

import grader
from tests.engine import PROJECT
from tests.environments import environment

pytestmark = [pytest.mark.services, pytest.mark.sandbox, pytest.mark.training]

SOLUTION = PROJECT / "reference_solutions" / "traffic-dense" / "accepted" / "activation_layers.py"
BUILD_TOOLS = ["setuptools", "wheel", "pyyaml", "babel"]
PAGES = """
from grader.settings import load_settings
from grader.cli.parts import open_parts
from grader.web import create_app
parts = open_parts()
client = create_app(parts.settings, parts).test_client()
for path in ("/sign-in?lang=zh", "/static/site.css", "/health"):
    answer = client.get(path)
    print(answer.status_code)
assert "登录" in client.get("/sign-in?lang=zh").text
"""


@contextmanager
def installed(archive, *extras, tools=()):
    """An environment with an archive of ours, into which pip had to install nothing else."""
    ours = f"keras-grader[{','.join(extras)}]"
    with environment([ours, *tools]) as made:
        said = made.pip("install", "--no-index", "--no-build-isolation", f"{ours} @ {archive.as_uri()}")
        assert said.splitlines()[-1] == f"Successfully installed keras-grader-{grader.__version__}"
        assert made.pip("check").strip() == "No broken requirements found."
        yield made


@pytest.fixture
def run(tmp_path):
    """Runs a command of an environment, far from this checkout; gives what it prints."""

    def run(made, *words, status=0):
        environ = {**os.environ, "GRADER_DATA_DIR": str(tmp_path / "data"), "PYTHONWARNINGS": ""}
        command = [str(made.bin / words[0]), *map(str, words[1:])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=tmp_path, env=environ)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def assert_it_is_the_installed_one(run, made):
    place = run(
        made, "python", "-c", "import grader, workers; print(grader.__file__, workers.__file__, sep='\\n')"
    )
    assert all(Path(file).is_relative_to(made.libraries) for file in place.split())


def has(run, made, *names):
    """Those of these modules that can be imported there."""
    code = f"import importlib.util as u; print(*[n for n in {names!r} if u.find_spec(n)])"
    return set(run(made, "python", "-c", code).split())


def test_check_from_the_sdist(packages, run):
    with installed(packages.sdist, "check", tools=BUILD_TOOLS) as made:
        assert_it_is_the_installed_one(run, made)
        assert has(run, made, "tensorflow", "celery", "flask", "docker") == {"tensorflow"}
        assert "traffic-dense" in run(made, "grader", "assignments")
        report = json.loads(run(made, "grader", "check", "traffic-dense", SOLUTION, "--json"))
        assert report["verdict"] == "passed"


def test_server(packages, run):
    with installed(packages.wheel, "server") as made:
        assert_it_is_the_installed_one(run, made)
        assert has(run, made, "flask", "celery", "tensorflow", "docker") == {"flask", "celery"}
        assert "Run web server" in run(made, "grader", "serve", "--help")
        assert run(made, "python", "-c", PAGES).split() == ["200", "200", "200"]
        refused = run(made, "python", "-m", "grader.demo", status=2)
        assert "make demo" in refused
        assert "Traceback" not in refused


def test_worker(packages, run):
    with installed(packages.wheel, "worker") as made:
        assert_it_is_the_installed_one(run, made)
        assert has(run, made, "tensorflow", "celery", "docker", "flask", "sqlalchemy") == {
            "tensorflow",
            "celery",
            "docker",
        }
        run(made, "python", "-m", "workers", "--check")
        profile = "from workers.sandbox import profile; profile.text(); print(profile.PROFILE)"
        assert Path(run(made, "python", "-c", profile).strip()).is_relative_to(made.libraries)
        report = json.loads(run(made, "grader", "grade", "traffic-dense", SOLUTION, "--json"))
        assert report["verdict"] == "passed"
