"""The pinned packages: two pips side by side, since pip works on one core, then bytecode on all cores, then the project itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from progress import Progress

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

from grader.lifeline import ends_with_us  # noqa: E402 - nothing is installed yet

LOOK_SECONDS = 0.25
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off")
FROM_LOCK = ("--no-compile", "--no-deps", "--require-hashes", "-r")
BEGUN = r"(?m)^(?:Collecting |Processing (?:[^(]*/)?)([A-Za-z0-9_.]+(?:-[A-Za-z][A-Za-z0-9_.]*)*)"
"""What pip says when it begins with a package, from an index or from a folder."""
NETWORK = r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|name resolution|Connection refused|Connection reset|unreachable|SSLError|from versions: none"


class NotInstalled(Exception):
    """Says why, and what to do."""


def locks() -> tuple[Path, Path]:
    """Everything, and of it what the guest needs: TensorFlow and what goes with it, as large as all the rest together."""
    return HERE / "dev.lock", HERE / "guest.lock"


def count() -> int:
    """How many packages are pinned."""
    return len(re.findall(r"(?m)^[A-Za-z0-9._-]+==", locks()[0].read_text("utf-8")))


def make_empty(venv: Path, log: Path, meanwhile: Callable[[], None]) -> bool:
    """An environment with nothing but pip; whether that went well."""
    making = _start([sys.executable, "-m", "venv", str(venv)], log)
    _await([making], [], meanwhile)
    return making.returncode == 0


def install(python: Path, venv: Path, root: Path, progress: Progress) -> None:
    """Bring that environment to what the locks say. Raises `NotInstalled`."""
    everything, guest = locks()
    rest = venv / "rest.lock"
    words = [str(root / "docker" / "install.py"), "--missing", str(everything), str(guest)]
    rest.write_bytes(subprocess.run([sys.executable, *words], capture_output=True, check=True).stdout)
    logs = [venv / "pip-guest.log", venv / "pip-rest.log"]
    pips = [
        _start([str(python), *PIP, *FROM_LOCK, str(lock)], log)
        for lock, log in zip((guest, rest), logs, strict=True)
    ]
    _await(pips, logs, lambda: progress.now(how_far(logs, venv)))
    log = venv / "pip-project.log"
    # TensorFlow is compiled on all cores; pip would do it on one, and the libraries' own tests with it.
    compiling = [
        str(python),
        "-m",
        "compileall",
        "-qq",
        "-j",
        "0",
        "-x",
        r"/tests/|_test\.py$",
        str(venv / "lib"),
    ]
    _await([_start(compiling, log)], [], lambda: progress.now("compiling them"))
    project = [str(python), *PIP, "--no-deps", "--no-build-isolation", "-e", str(root)]
    _await([_start(project, log)], [log], lambda: progress.now("installing the project itself"))


def how_far(logs: list[Path], venv: Path) -> str:
    """What pip says that it fetches, and what lies there already."""
    said = "\n".join(log.read_text("utf-8", "replace") for log in logs)
    fetched = re.findall(BEGUN, said)
    there = {path.name.split("-")[0] for path in venv.glob("lib/python*/site-packages/*.dist-info")}
    now = f", {fetched[-1]} now" if fetched and "Installing collected" not in said else ""
    return f"{len(fetched)} of {count()} packages looked up{now}; {len(there)} installed"


def _start(words: list[str], log: Path) -> subprocess.Popen[bytes]:
    environ = dict(os.environ) | {"PIP_USER": "0"}  # a user's own setting would be wrong in a .venv
    with log.open("wb") as out:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environ,
            preexec_fn=ends_with_us(signal.SIGINT),  # noqa: PLW1509 - this process has one thread
        )


def _await(pips: list[subprocess.Popen[bytes]], logs: list[Path], meanwhile: Callable[[], None]) -> None:
    """Wait for all; where one with a log fails, end the others and say why."""
    try:
        while any(pip.poll() is None for pip in pips):
            _check(pips, logs)
            meanwhile()
            time.sleep(LOOK_SECONDS)
        _check(pips, logs)
    finally:
        for pip in pips:
            pip.send_signal(signal.SIGINT)  # on SIGTERM it would leave a gigabyte in the temporary folder
            pip.wait()


def _check(pips: list[subprocess.Popen[bytes]], logs: list[Path]) -> None:
    for pip, log in zip(pips, logs, strict=False):
        if pip.poll():
            raise NotInstalled(why(log.read_text("utf-8", "replace"), log))


def why(said: str, log: Path) -> str:
    """What pip's words mean, in a sentence or two."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return "The disk (or your quota on it) is full. Free about 4 GB and run make setup again; df -h shows what there is."
    if re.search(NETWORK, said):
        return (
            "pip gets nothing from its package index: there is no network, or a proxy is needed (HTTPS_PROXY=http://…), or "
            f"your index is another (PIP_INDEX_URL=https://…). Then run make setup again. What pip said: {log}"
        )
    if "DO NOT MATCH THE HASHES" in said:
        return f"Your package index has other files than were pinned, so nothing of them is installed. What pip said: {log}"
    last = [line for line in said.splitlines() if line.startswith("ERROR")] or said.splitlines() or [""]
    return f"pip could not install the pinned packages: {last[-1]}\nAll that it said: {log}"
