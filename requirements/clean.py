"""`make clean`: stops what runs from this folder, removes what was made here, and says what stays and how to remove it.

Runs with the standard library alone, since .venv is among what goes.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

import running  # noqa: E402 - beside this file

from workers import scratch  # noqa: E402 - of the standard library alone

MADE = (".venv", ".venv-otter", "var", "build", "dist")
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis")
MADE_ANYWHERE = ("__pycache__", "*.egg-info")
A_MOMENT = 1.0
"""Seconds after which a temporary folder that nobody has locked is nobody's."""


def main() -> int:
    """Clean up; the exit status."""
    for sentence in running.stop_all(ROOT / "var"):
        print(sentence)
    groups = running.remove_dead_groups()
    if groups:
        print(f"Removed {groups} control groups of workers that are gone.")
    scratch.remove_abandoned(A_MOMENT)
    mounted = running.unmount_below([ROOT / name for name in MADE])
    if mounted:
        print(f"{mounted} is mounted here, and only root may change that: sudo make clean")
        return 1
    try:
        remove_all(ROOT)
    except PermissionError as error:
        print(f"{error.filename} belongs to somebody else: sudo make clean")
        return 1
    for sentence in what_stays():
        print(sentence)
    return 0


def remove_all(root: Path) -> None:
    """Remove what was made in that folder; links are removed, not followed."""
    for name in (*MADE, *CACHES):
        _remove(root / name)
    for name in MADE_ANYWHERE:
        for path in [*root.rglob(name)]:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def what_stays() -> list[str]:
    """What was not made in this folder alone, and how to remove it; of it only what there is."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "keras-grader"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    places = (
        (data, f"data of make serve, submissions and grades among it: rm -r {data}"),
        (cache / "keras-grader", f"images that the tests made: rm -r {cache / 'keras-grader'}"),
        (cache / "pip", "packages that pip has downloaded: python3 -m pip cache purge"),
        (
            Path("/usr/bin/bwrap"),
            "system packages, of which the sandbox's are: sudo apt-get remove bubblewrap uidmap",
        ),
    )
    stays = [words for place, words in places if place.exists()]
    engine = next(filter(shutil.which, ("docker", "podman")), None)
    if engine:
        stays.append(f"the guest's image, where one was built: {engine} image rm keras-grader-guest")
    return [
        "Clean.",
        *(["What stays, since others may use it:"] if stays else []),
        *(f"- {words}" for words in stays),
    ]


if __name__ == "__main__":
    sys.exit(main())
