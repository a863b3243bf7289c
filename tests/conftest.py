"""One Docker engine, one set of images and one wheel of this project for all tests that need them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import PROJECT, engine, guest_image, guest_service, images, podman

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
