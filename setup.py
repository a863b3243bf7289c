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
        """Copy them after the packages; an editable install finds them where they are."""
        super().run()
        if self.editable_mode:
            return
        for path in (ROOT / "grader" / "locale").rglob("*.po"):
            compiled = Path(self.build_lib) / path.relative_to(ROOT).with_suffix(".mo")
            compiled.parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as source, compiled.open("wb") as out:
                write_mo(out, read_po(source))
        target = Path(self.build_lib) / "grader" / "builtin"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(ROOT / "assignments", target, ignore=LEFT_OUT)
        for path in target.rglob("*.yaml"):
            path.with_suffix(".json").write_text(json.dumps(yaml.safe_load(path.read_text("utf-8"))), "utf-8")
        shutil.copy(ROOT / "docker" / "seccomp.json", Path(self.build_lib) / "workers" / "sandbox")


setup(cmdclass={"build_py": BuildWithAssignments})
