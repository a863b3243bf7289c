"""Switching a defence off by changing its text: no switch for it exists in the code that is handed over.

Code of the guest is changed in a copy that a sandbox then shows instead. Code of this side is compiled anew with the
change, and every function that is affected runs the new code until the end of the context.
"""

from __future__ import annotations

import gc
import shutil
import types
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path

from workers.sandbox.runtime import GUEST_HOME, GUEST_SOURCE, Runtime, this_runtime

ROOT = Path(__file__).resolve().parents[2]
_GUEST = "workers/guest/"


@dataclass(frozen=True)
class Change:
    """`old`, which a file holds exactly once, becomes `new`."""

    file: str
    old: str
    new: str

    @property
    def is_in_guest(self) -> bool:
        """Whether it is code that runs inside the sandbox."""
        return self.file.startswith(_GUEST)

    def apply(self, text: str) -> str:
        """The changed text; AssertionError when there is not exactly one place to change."""
        assert text.count(self.old) == 1, f"{self.file} holds {text.count(self.old)} times: {self.old!r}"
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class OtherGuest(Runtime):
    """A runtime whose guest is another folder."""

    guest: Path = GUEST_SOURCE

    def mounts(self) -> list[tuple[Path, Path]]:
        """As ever, with the other folder in the guest's place."""
        mounts = [mount for mount in super().mounts() if mount[0] != GUEST_SOURCE]
        return [*mounts, (self.guest, Path(GUEST_HOME, "guest"))]


def other_guest(changes: Sequence[Change], folder: Path) -> Runtime:
    """This machine's runtime with a changed copy of the guest, which is made in `folder`; everybody may write to it."""
    guest = folder / "guest"
    shutil.copytree(GUEST_SOURCE, guest, ignore=shutil.ignore_patterns("__pycache__"))
    for change in changes:
        file = guest / change.file.removeprefix(_GUEST)
        file.write_text(change.apply(file.read_text("utf-8")), "utf-8")
    for path in [guest, *guest.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    here = this_runtime()
    return OtherGuest(**{field.name: getattr(here, field.name) for field in fields(here)}, guest=guest)


@contextmanager
def switched_off(changes: Sequence[Change]) -> Iterator[None]:
    """Functions of this process run their changed code."""
    ours = sorted((change for change in changes if not change.is_in_guest), key=lambda change: change.file)
    replaced: list[tuple[types.FunctionType, types.CodeType]] = []
    try:
        for file, of_file in groupby(ours, key=lambda change: change.file):
            replaced += _replace(ROOT / file, list(of_file))
        yield
    finally:
        for function, code in replaced:
            function.__code__ = code


def _replace(path: Path, changes: Sequence[Change]) -> list[tuple[types.FunctionType, types.CodeType]]:
    text = changed = path.read_text("utf-8")
    for change in changes:
        changed = change.apply(changed)
    before, after = _codes(text, path), _codes(changed, path)
    other = {code: after[name] for name, code in before.items() if name in after and after[name] != code}
    found = [(function, function.__code__) for function in _functions(path) if function.__code__ in other]
    assert found, f"no function of {path} is changed"
    for function, code in found:
        function.__code__ = other[code]
    return found


def _codes(text: str, path: Path) -> Mapping[tuple[str, int], types.CodeType]:
    """Every function's code in a text, by its name and by how many of that name came before."""
    codes: dict[tuple[str, int], types.CodeType] = {}
    seen: Counter[str] = Counter()
    waiting = [compile(text, str(path), "exec", dont_inherit=True)]
    while waiting:
        code = waiting.pop(0)
        codes[code.co_qualname, seen[code.co_qualname]] = code
        seen[code.co_qualname] += 1
        waiting += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return codes


def _functions(path: Path) -> list[types.FunctionType]:
    gc.unfreeze()  # the tests freeze what they collected, and frozen objects are not listed
    functions = [thing for thing in gc.get_objects() if type(thing) is types.FunctionType]
    return [function for function in functions if function.__code__.co_filename == str(path)]
