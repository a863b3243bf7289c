"""The images that tests need, made on this machine: no image can be pulled.

The base is made by mmdebstrap. What is slow to make (the base, the wheels, the engine's layers) stays below the user's
cache folder, so that a second run is quick.
"""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import shared
from tests.engine import BEFORE_ANY_TEST, CACHE, PROJECT, Engine

BASE_IMAGE = "keras-grader-test-base"
GUEST_IMAGE = "keras-grader-test-guest"
_PACKAGES = "python3,python3-pip,ca-certificates"
_WHEELS_PORT = 38471


@pytest.fixture(scope="session")
def guest_image(engine: Engine) -> str:
    """The guest's image, built from docker/guest.Dockerfile as it is now."""
    with shared.one_at_a_time("images"):
        make_base(engine)
        return build(engine, "guest", GUEST_IMAGE)


@pytest.fixture(scope="session")
def images(engine: Engine, guest_image: str) -> dict[str, str]:
    """All images of docker/compose.yaml by service, built on the local base."""
    tags = {"guest": guest_image}
    with shared.one_at_a_time("images"):
        tags["web"] = build(engine, "web", "keras-grader-test-web")
        tags["worker"] = build(engine, "worker", "keras-grader-test-worker", GUEST=guest_image)
        tags["services"] = _build_services(engine)
    return tags


def _build_services(engine: Engine) -> str:
    """Redis and PostgreSQL from Debian's packages, both in one image."""
    folder, tag = PROJECT / "tests" / "compose", "keras-grader-test-services"
    words = ["docker", "--host", engine.url, "build", "--quiet", "--network=host", "--tag", tag]
    words += ["--build-arg", f"BASE={BASE_IMAGE}", "--file", str(folder / "services.Dockerfile"), str(folder)]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=300, env=_plain())
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return tag


def build(engine: Engine, dockerfile: str, tag: str, context: Path = PROJECT, **arguments: str) -> str:
    """Build one of docker/*.Dockerfile over the local base, with wheels from this machine."""
    with wheels() as links:
        settings = {"BASE": BASE_IMAGE, "PIP_FIND_LINKS": links, "PIP_NO_INDEX": "1", **arguments}
        words = ["docker", "--host", engine.url, "build", "--quiet", "--network=host", "--tag", tag]
        words += ["--file", str(context / "docker" / f"{dockerfile}.Dockerfile")]
        words += [word for name, value in settings.items() for word in ("--build-arg", f"{name}={value}")]
        answer = subprocess.run(
            [*words, str(context)], capture_output=True, text=True, timeout=900, env=_plain()
        )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return tag


_LOCKS = ("guest.lock", "worker.lock", "server.lock")


def _plain() -> dict[str, str]:
    return {**os.environ, "DOCKER_BUILDKIT": "0"}


@contextmanager
def wheels() -> Iterator[str]:
    """The wheels of all images behind a loopback address: the machine's own index may be a folder of files."""
    with _server(functools.partial(_Quiet, directory=str(_fetched()))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@functools.cache
def _fetched() -> Path:
    """One folder for all lock files, since most of what a worker needs is the guest's as well.

    Nobody is asked while nothing is missing. To look takes seconds: each wheel's hash is compared.
    """
    folder = CACHE / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qqq", "--require-hashes"]
    pip += ["--no-deps", "--only-binary", ":all:", "--find-links", str(folder), "--dest", str(folder)]
    pip += [word for name in _LOCKS for word in ("--requirement", str(PROJECT / "requirements" / name))]
    here = subprocess.run([*pip, "--no-index"], check=False, capture_output=True, timeout=600)
    if here.returncode:
        subprocess.run(pip, check=True, timeout=600)
    return folder


def _server(handler: Callable[..., _Quiet]) -> http.server.ThreadingHTTPServer:
    """The same port whenever it is free: the engine builds a layer anew when a build argument changes."""
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", _WHEELS_PORT), handler)
    except OSError:
        return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def make_base(engine: Engine) -> None:
    """Import a minimal Debian with Python as the base image."""
    if engine.has(BASE_IMAGE):
        return
    tarball = CACHE / "base.tar"
    if not tarball.exists():
        tarball.parent.mkdir(parents=True, exist_ok=True)
        partial = tarball.with_suffix(".partial")
        _make_debian(partial)
        partial.rename(tarball)
    subprocess.run(
        ["docker", "--host", engine.url, "import", str(tarball), BASE_IMAGE],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )


# In memory and seen by nobody else; dpkg waits for the disk after no file, in a later build as well.
_DEBIAN = """
mount -t tmpfs -o size=2g tmpfs "$1"
shift
exec mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --dpkgopt=force-unsafe-io "$@"
"""
_LEFT_OUT = "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*"


def _make_debian(tarball: Path) -> None:
    """Write a small Debian with Python as an archive."""
    with tempfile.TemporaryDirectory(prefix="debian-", dir=BEFORE_ANY_TEST) as folder:
        words = ["unshare", "--mount", "sh", "-euc", _DEBIAN, "sh", folder, f"--include={_PACKAGES}"]
        words += [f"--dpkgopt=path-exclude={place}" for place in _LEFT_OUT]
        answer = subprocess.run(
            [*words, "bookworm", str(tarball), "--format=tar"],
            capture_output=True,
            text=True,
            timeout=1200,
            env={**os.environ, "TMPDIR": folder},
        )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
