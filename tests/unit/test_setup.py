"""What `make setup` looks for, says and concludes, without installing anything."""

from __future__ import annotations

import ast
import importlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2] / "requirements"
NAMES = ("setup", "walls", "environment", "packages", "progress", "running")


@pytest.fixture(scope="module")
def scripts():
    """The modules beside `setup.py`, which import each other as scripts do."""
    sys.path.insert(0, str(HERE))
    path = list(sys.path)
    yield {name: importlib.import_module(name) for name in NAMES}
    sys.path[:] = [entry for entry in path if entry != str(HERE)]
    for name in NAMES:
        del sys.modules[name]


def test_an_old_python_can_read_what_tells_it_that_it_is_old(scripts):
    ast.parse((HERE / "setup.py").read_text("utf-8"), feature_version=(3, 6))
    assert scripts["setup"].too_old("python3") == ""


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (("linux", "x86_64", "glibc"), ""),
        (("linux", "aarch64", "glibc"), ""),
        (("linux", "aarch64", ""), "Alpine"),
        (("linux", "armv7l", "glibc"), "armv7l"),
        (("darwin", "arm64", ""), "need Linux"),
    ],
)
def test_machines(scripts, machine, words):
    said = scripts["walls"].wrong_machine(*machine)
    assert words in said
    assert bool(words) == bool(said)


def test_a_python_that_is_newer_than_the_libraries(scripts):
    walls = scripts["walls"]
    assert walls.too_new(walls.NEWEST) == ""
    assert "Python 3.14" in walls.too_new((3, 14))
    assert "PYTHON=python3.13" in walls.too_new((3, 14))


def test_a_place_whose_name_ends_a_path(scripts, tmp_path):
    assert scripts["walls"].bad_place(tmp_path) == ""
    assert "has a :" in scripts["walls"].bad_place(tmp_path / "a:b")


def test_how_much_a_folder_takes(scripts, tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    assert scripts["walls"].used_mb(tmp_path) == 3
    assert scripts["walls"].used_mb(tmp_path / "nothing") == 0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk (or your quota on it) is full"),
        (
            "Retrying … NewConnectionError('…: Failed to establish a new connection",
            "gets nothing from its package index",
        ),
        ("ERROR: Could not find a version (from versions: none)", "PIP_INDEX_URL"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "other files than were pinned"),
        ("Collecting x\nERROR: something else\n", "ERROR: something else"),
        ("", "All that it said: log"),
    ],
)
def test_what_pip_says_becomes_a_sentence(scripts, said, words):
    assert words in scripts["packages"].why(said, Path("log"))


def test_how_far_pip_is(scripts, tmp_path):
    packages, log = scripts["packages"], tmp_path / "log"
    log.write_text(
        "Looking in links: /x\nCollecting argon2-cffi-bindings==1 (from -r /a b/rest.lock)\n"
        "Processing /opt/some files/flask_wtf-1.3.0-py3-none-any.whl (from -r /a b/rest.lock (line 2))\n"
    )
    (tmp_path / "lib" / "python3.11" / "site-packages" / "pip-24.0.dist-info").mkdir(parents=True)
    total = packages.count()
    assert packages.how_far([log], tmp_path) == f"2 of {total} packages looked up, flask_wtf now; 1 installed"


def test_progress_is_a_line_every_quarter_of_a_minute_where_nobody_watches(scripts, monkeypatch):
    now, out = [0.0], io.StringIO()
    monkeypatch.setattr(scripts["progress"].time, "monotonic", lambda: now[0])
    progress = scripts["progress"].Progress(out)
    for moment in (1, 14, 16, 20, 32):
        now[0] = moment
        progress.now("words")
    progress.end()
    assert out.getvalue() == "    16 s  words\n    32 s  words\n"


class TestEnvironment:
    @pytest.fixture
    def environment(self, scripts, tmp_path, monkeypatch):
        """The module, with a small .venv elsewhere."""
        module, venv = scripts["environment"], tmp_path / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        monkeypatch.setattr(module, "VENV", venv)
        monkeypatch.setattr(module, "PYTHON", venv / "bin" / "python")
        monkeypatch.setattr(module, "READY", venv / "bin" / ".ready")
        return module

    def test_one_that_may_be_kept_and_is_ready_once_it_is_finished(self, environment):
        assert environment.why_stale(True) == ""
        assert not environment.is_ready()
        environment.READY.write_text(json.dumps(environment.wanted()))
        assert environment.is_ready()

    def test_one_whose_python_is_gone(self, environment):
        environment.PYTHON.unlink()
        assert "does not run" in environment.why_stale()

    def test_one_whose_python_is_another_by_now(self, environment):
        (library,) = (environment.VENV / "lib").iterdir()
        library.rename(library.with_name("python3.2"))
        assert "another Python" in environment.why_stale()

    def test_one_that_was_moved(self, environment):
        environment.READY.write_text(json.dumps(environment.wanted() | {"place": "/elsewhere"}))
        assert "made in another folder (/elsewhere)" in environment.why_stale()

    def test_none(self, environment, monkeypatch):
        monkeypatch.setattr(environment, "VENV", environment.VENV / "none")
        assert environment.why_stale() == ""


def test_who_holds_a_lock_is_what_the_kernel_says(scripts, tmp_path):
    lock = tmp_path / "serve.lock"
    lock.write_text("1")
    assert scripts["running"].holder(lock) == 0  # an old file: nobody has it
    code = f"import fcntl, os, time; f = open({str(lock)!r}, 'w'); fcntl.flock(f, 2); print(os.getpid(), file=f, flush=True); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        assert scripts["running"].holder(lock) == other.pid
        lock.write_text("1")  # locked, by somebody else than it says
        assert scripts["running"].holder(lock) == 0
        other.kill()
