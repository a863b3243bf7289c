"""Puts into the wheel what lies outside the packages: the built-in assignments and the containers' seccomp profile.

Catalogues of words are compiled, so that a student's client needs no Babel. The assignments become `grader/builtin/`, their YAML as JSON beside it.

`grader.run_grader` works in a student's notebook where nothing but the client is installed: no PyYAML.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import yaml
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


class BuildWithAssignments(build_py):
    """`build_py`, and the assignments as data of the package `grader`."""

    def run(self) -> None:
        """Add to the packages what lies outside them; an editable install finds it where it is."""
        if self.editable_mode:
            super().run()
            return
        built = Path(self.build_lib)
        _remove_former(built)
        super().run()
        _compile_words(built)
        _copy_assignments(built / "grader" / "builtin")
        shutil.copy(ROOT / "docker" / "seccomp.json", built / "workers" / "sandbox")


def _remove_former(built: Path) -> None:
    """What an earlier build has left here would be in the wheel, too."""
    for package in ("grader", "workers"):
        shutil.rmtree(built / package, ignore_errors=True)


def _compile_words(built: Path) -> None:
    for path in (ROOT / "grader" / "locale").rglob("*.po"):
        compiled = built / path.relative_to(ROOT).with_suffix(".mo")
        compiled.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, compiled.open("wb") as out:
            write_mo(out, read_po(source))


def _copy_assignments(target: Path) -> None:
    shutil.copytree(ROOT / "assignments", target, ignore=LEFT_OUT)
    for path in target.rglob("*.yaml"):
        path.with_suffix(".json").write_text(json.dumps(yaml.safe_load(path.read_text("utf-8"))), "utf-8")


setup(cmdclass={"build_py": BuildWithAssignments})
