"""One Docker engine, one set of images and one wheel of this project for all tests that need them.

With several workers (`pytest -n 2`, what `make test` does) a file's tests stay together, and all that need the engine
stay together, so that there is one engine.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import PROJECT, engine, guest_image, guest_service, images, podman

ENGINE_FIXTURES = {"engine", "guest_image", "guest_service", "images", "podman"}
ENGINE_BACKENDS = ("docker", "podman", "unix")

__all__ = ["built_wheel", "engine", "guest_image", "guest_service", "images", "podman"]


@pytest.fixture(scope="session")
def built_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, as `pip` builds it from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
    ]
    done = subprocess.run([*words, str(PROJECT)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay together; the engine's come first, since they are the longest row."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_after_the_engine)


def _group(item: pytest.Item) -> str:
    return "engine" if _needs_engine(item) else str(item.path.relative_to(PROJECT / "tests"))


def _after_the_engine(item: pytest.Item) -> bool:
    return not _needs_engine(item)


def _needs_engine(item: pytest.Item) -> bool:
    """Whether a test asks for the engine itself, or for a backend that does."""
    if ENGINE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return True
    if item.path.parent.name not in {"sandbox", "hostile"}:
        return False
    backend = item.name.partition("[")[2]
    return backend.startswith(ENGINE_BACKENDS) or any(f"-{name}-" in backend for name in ENGINE_BACKENDS)
