"""The project's .venv: whether it is as it should be, what makes it so."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import packages
import walls
from progress import Progress

from setup import OLDEST

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
READY = VENV / "bin" / ".ready"
WHAT_IT_IS = "import sys; print(sys.version_info[0], sys.version_info[1], sep='.')"
INTERRUPTED = 130


def set_up(*, is_python_chosen: bool, only_look: bool) -> int:
    """Make .venv, or leave it as it is, or only look what would stop that; the exit status."""
    stale = why_stale(is_python_chosen)
    if not stale and is_ready():
        return 0
    try:
        wall = walls.first_wall(ROOT, needs_new=bool(stale) or not PYTHON.exists())
        if not wall and not only_look:
            _make(stale)
    except packages.NotInstalled as error:
        wall = str(error)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. make setup goes on from here.\n")
        return INTERRUPTED
    if wall:
        sys.stderr.write(f"{wall}\n")
    return 1 if wall else 0


def why_stale(is_python_chosen: bool = False) -> str:
    """Why a .venv that is there is of no use, as the end of a sentence; empty where it may be kept, or there is none."""
    if not VENV.is_symlink() and not VENV.exists():
        return ""
    version = _version()
    ours = "{}.{}".format(*sys.version_info[:2])
    if not version:
        return "has a Python that does not run (any more)"
    if not (VENV / "lib" / f"python{version}" / "site-packages").is_dir():
        return f"was made by another Python than the {version} that runs in it now"
    if tuple(map(int, version.split("."))) < OLDEST:
        return f"was made by Python {version}, which is too old"
    if is_python_chosen and version != ours:
        return f"was made by Python {version}, and Python {ours} was asked for"
    place = _stamp().get("place", str(VENV.resolve()))
    return "" if place == str(VENV.resolve()) else f"was made in another folder ({place})"


def is_ready() -> bool:
    """Whether it was finished, with these very locks and this project's declaration."""
    return _stamp() == wanted()


def wanted() -> dict[str, str]:
    """What `READY` says of a finished one."""
    files = [*packages.locks(), ROOT / "pyproject.toml"]
    content = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    return {"content": content, "place": str(VENV.resolve()), "python": _version()}


def _version() -> str:
    try:
        words = [str(PYTHON), "-I", "-S", "-c", WHAT_IT_IS]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _stamp() -> dict[str, str]:
    try:
        return dict(json.loads(READY.read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def _make(stale: str) -> None:
    started = time.monotonic()
    if stale:
        print(f"The .venv here {stale}. It is made anew.")
        _remove()
    total = packages.count()
    print(
        f"Installing {total} pinned packages into .venv: 3 GB on disk, some minutes the first time.",
        flush=True,
    )
    progress = Progress(sys.stdout)
    try:
        if not PYTHON.exists():
            _make_empty(progress)
        READY.unlink(missing_ok=True)
        packages.install(PYTHON, VENV, ROOT, progress)
    finally:
        progress.end()
    READY.write_text(json.dumps(wanted()), "utf-8")
    print(f"Ready after {time.monotonic() - started:.0f} s: {total} packages and .venv/bin/grader.")


def _remove() -> None:
    if VENV.is_symlink():
        VENV.unlink()
    else:
        shutil.rmtree(VENV)


def _make_empty(progress: Progress) -> None:
    with tempfile.NamedTemporaryFile(prefix="keras-grader-venv-") as log:
        if packages.make_empty(VENV, Path(log.name), lambda: progress.now("making an empty environment")):
            return
        said = Path(log.name).read_text("utf-8", "replace").strip()
    shutil.rmtree(VENV, ignore_errors=True)
    version = "{}.{}".format(*sys.version_info[:2])
    raise packages.NotInstalled(f"{said}\n{walls.NO_VENV.format(package=f'python{version}-venv')}")
