"""Running a submission statement by statement, as its author meant it: what stops at the end takes nothing from before.

A statement that stops ends only itself. What it has left unfinished is marked (`marks`) and is not graded; what is not marked
is, with a note of where and why. `sys.exit` ends the run, and what is there by then counts.
"""

from __future__ import annotations

import ast
import re
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import awaiting, effects, entry
from .effects import Effects
from .explain import FILE_NAME, explain, traceback_of
from .failure import Failure
from .marks import Marks
from .own import is_keras
from .pieces import Piece, is_main_guard
from .refusal import NoModel

MOST_BOUND = 16
_MOST_EXPLAINED = 100
_PLACES_TOLD = 10
_MOST_FRAMES = 20
_ADDING = ("add", "insert", "append", "pop")
_LIMITS = ("memory_limit", "process_limit", "disk_limit")
_OF_THE_AUTHORS_MACHINE = ("file_not_found", "no_internet", "asks_input")
_ACCELERATORS = re.compile(r"(?i)\bgpus?\b|_gpus?\b|\bgpu_|cuda|\btpus?\b|TPU")
CUT_OFF = "cut_off"


@dataclass(frozen=True)
class Bound:
    """A model or function that a name stood for, since a line of a cell (None: of a script)."""

    name: str
    value: object
    cell: int | None
    line: int


class Run:
    """One run. `names` are those that are looked for; `tell` hears how many statements have ended.

    With `upto`, the statement after so many is not run but taken for one that stopped, and the run is over: in an earlier run
    it was cut off by a limit. With `as_python` a script is over where Python ends it.
    """

    def __init__(
        self,
        pieces: list[Piece],
        namespace: dict[str, object],
        names: Iterable[str],
        *,
        upto: int | None = None,
        as_python: bool = False,
        tell: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.namespace = namespace
        self.failures: list[Failure] = []
        self.marks = Marks(namespace, (piece.tree for piece in pieces))
        self.last: dict[str, Bound] = {}
        self.bound: list[Bound] = []
        self._pieces = pieces
        self._names = tuple(dict.fromkeys(names))
        self._upto, self._as_python, self._tell = upto, as_python, tell
        self._count = 0
        self._over: NoModel | None = None
        self._binds: list[tuple[Failure, set[str]]] = []
        self._never_run: set[str] = set()
        self._missed: dict[str, Failure] = {}
        self._stars: list[Failure] = []
        self._notes: list[dict[str, Any]] = []

    def everything(self) -> None:
        """Run all there is, but for what a script does only when it is run by itself."""
        for piece in self._pieces:
            if piece.mistake is not None:
                self._step(piece, None)
            for statement in _flat(piece) if piece.cell is not None else piece.tree.body:
                self._step(piece, statement)
            self._at_the_end_of(piece.cell)

    def main_guards(self) -> None:
        """Run what stands under `if __name__ == "__main__":` in scripts."""
        for piece in self._pieces:
            guards = [each for each in piece.tree.body if piece.cell is None and is_main_guard(each)]
            for statement in (inner for guard in guards for inner in guard.body):  # type: ignore[attr-defined]
                self._step(piece, statement)

    def _step(self, piece: Piece, statement: ast.stmt | None) -> None:
        """Run a statement, or note a cell that does not compile."""
        if self._over is not None:
            self._never_run |= (effects.of([statement]) if statement else _by_words(piece.text)).binds
            return
        if self._upto is not None and self._count >= self._upto:
            self._over = NoModel("bad_result", CUT_OFF, {}, line=statement.lineno if statement else None)
            self._stopped(piece, statement, self._over)
            return
        done = effects.of([statement]) if statement is not None and self.failures else Effects()
        before = self.marks.before(done)
        try:
            if statement is None:
                raise piece.mistake  # type: ignore[misc]
            awaiting.run_code(piece.compiled(statement), self.namespace)
        except SystemExit as error:
            # Python ends a program so: nothing was cut short, and what has been made is as its author left it.
            self._over = explain(error, None)
            self._never_run |= effects.of([statement]).binds if statement else set()
        except BaseException as error:  # noqa: BLE001 - student code may raise whatever it likes
            self._failed(piece, statement, error)
        else:
            if before is not None:
                self.marks.ended(done, before)
        self._look(piece.cell, statement.lineno if statement else piece.first_line)
        self._count += 1
        self._tell(self._count)

    def _failed(self, piece: Piece, statement: ast.stmt | None, error: BaseException) -> None:
        told = len(self.failures) >= _MOST_EXPLAINED
        mistake = self.failures[-1].mistake if told else explain(error, None)
        self._stopped(piece, statement, mistake, missing_name(error), _frames(error))
        if self._as_python and piece.cell is None:
            self._over = mistake

    def _stopped(
        self,
        piece: Piece,
        statement: ast.stmt | None,
        mistake: NoModel,
        missing: str | None = None,
        frames: Sequence[types.FrameType] = (),
    ) -> None:
        line = statement.lineno if statement else mistake.line or piece.first_line
        failure = Failure(piece.cell, line, mistake, self.cause_of(missing))
        done = effects.of([statement]) if statement else _by_words(piece.text)
        if statement is not None and re.search(_ACCELERATORS, ast.unparse(statement)):
            self.note("no_accelerator")
        if done.star:
            self._stars.append(failure)
        self._binds.append((failure, done.binds))
        if missing is not None:
            self._missed.setdefault(missing, failure)
        keeps = mistake.code in _OF_THE_AUTHORS_MACHINE or (
            statement is not None and effects.loads(statement)
        )
        self.marks.stopped(done, failure, keeps_names=keeps, frames=frames)
        inside = (self.marks.code.methods_in(frame.f_code) for frame in frames)
        methods = done.methods.union(*inside) if missing is not None else set()
        if missing is not None and any(owner[0] == missing and name in _ADDING for owner, name in methods):
            # `modle.add(layer)`: which of the models here was meant, nobody knows; if it is none, this is why there is none.
            self._binds.append((self._missed[missing], {missing}))
            self.marks.mark(
                [value for value in self.namespace.values() if entry.looks_like_a_model(value)], failure
            )
        for path in done.changes | {owner for owner, _ in done.methods}:
            # `model = model.add(…)` leaves None behind: what the next line wanted to change is the model before.
            last = self.last.get(path[0])
            if last is not None and not is_answer(self.namespace.get(path[0])):
                self.marks.mark(last.value, failure)
        self.failures.append(failure)

    def _look(self, cell: int | None, line: int) -> None:
        for name in self._names:
            value = self.namespace.get(name)
            known = self.last.get(name)
            if is_answer(value) and (known is None or known.value is not value):
                self.last[name] = Bound(name, value, cell, line)

    def _at_the_end_of(self, cell: int | None) -> None:
        if cell is None or self._over is not None:
            return
        for name in self._names:
            found = self.last.get(name)
            if found is None or self.namespace.get(name) is not found.value:
                continue
            if not any(each.value is found.value for each in self.bound):
                self.bound = [*self.bound, found][-MOST_BOUND:]

    def need_all(self) -> None:
        """Raise what ended the run, if anything did: where nothing is looked for, a script stands or falls as a whole."""
        mistake = self.failures[0].mistake if self.failures else self._over
        if mistake is not None:
            raise mistake

    # why nothing came of it

    def cause_of(self, missing: str | None) -> Failure | None:
        """The statement because of which a name is missing."""
        if missing is None:
            return None
        return self.marks.missing(missing) or self._misspelt(missing) or next(iter(self._stars), None)

    def _misspelt(self, missing: str) -> Failure | None:
        """The import of a library's name with a slip in it: `import keraz` is why `keras` is missing."""
        slips = (each for each in self.failures if each.mistake.code == "missing_module")
        return next((each for each in slips if each.mistake.params.get("nearest") == missing), None)

    def why_absent(self, names: Iterable[str]) -> NoModel | None:
        """What to tell where none of these names is there: the statement that would have made it, or a limit; None: neither."""
        wanted = set(names)
        found = next((failure for failure, binds in self._binds if binds & wanted), None)
        if found is not None:
            return found.first.mistake
        if self._over is not None and (self._over.code == CUT_OFF or self._never_run & wanted):
            return self._over
        limits = (failure.mistake for failure in self.failures if failure.mistake.reason in _LIMITS)
        return next(limits, self._stars[0].first.mistake if self._stars else None)

    def note(self, code: str, **params: str) -> None:
        """Add a note about how an answer was found."""
        self._notes.append({"code": code, "params": params})

    def told(self) -> list[dict[str, Any]]:
        """The notes about statements that stopped in what was graded all the same."""
        cut = [failure for failure in self.failures if failure.mistake.code == CUT_OFF]
        notes = [{"code": CUT_OFF, "params": {"lines": str(failure.line)}} for failure in cut]
        stopped = [failure for failure in self.failures if failure.mistake.code != CUT_OFF]
        if stopped:
            lines = ", ".join(str(failure.line) for failure in stopped[:_PLACES_TOLD])
            more = str(max(0, len(stopped) - _PLACES_TOLD))
            error = stopped[0].mistake.as_claim()["error"]
            notes.append({"code": "stopped", "params": {"lines": lines, "more": more}, "error": error})
        return [*notes, *self._notes]


def is_answer(value: object) -> bool:
    """Whether a value may be what is asked for: a model, or a function that makes one."""
    return entry.looks_like_a_model(value) or isinstance(value, types.FunctionType)


# As Python itself reads it, past any property that a student has put before it.
_name_slot: Callable[[BaseException], object] = vars(NameError)["name"].__get__


def missing_name(error: BaseException) -> str | None:
    """The global name that an error misses."""
    if not isinstance(error, NameError) or isinstance(error, UnboundLocalError):
        return None
    name = _name_slot(error)
    return name if type(name) is str else None


def _frames(error: BaseException) -> list[types.FrameType]:
    """What an error went through of the student's functions, and of code that they have made of a text."""
    frames = [frame for frame, _ in traceback.walk_tb(traceback_of(error))]
    return [frame for frame in frames if _is_theirs(frame) or is_keras(frame.f_locals.get("self"))][
        -_MOST_FRAMES:
    ]


def _is_theirs(frame: types.FrameType) -> bool:
    file = frame.f_code.co_filename
    if file == FILE_NAME:
        return frame.f_code.co_name != "<module>"
    return file.startswith("<") and not file.startswith("<frozen ")


def _flat(piece: Piece) -> Iterator[ast.stmt]:
    """A cell's statements: a notebook is run by itself, so that what a main guard holds is run where it stands."""
    for statement in piece.tree.body:
        if is_main_guard(statement):
            yield from statement.body  # type: ignore[attr-defined]
        else:
            yield statement


def _by_words(text: str) -> Effects:
    """What a cell that Python cannot read would have done, by its words."""
    found = Effects()
    for line in text.split("\n"):
        code = line.partition("#")[0]
        found.binds.update(re.findall(r"([A-Za-z_]\w*)\s*(?:,[\w\s,]*)?=(?!=)", code))
        found.binds.update(re.findall(r"\b(?:def|class)\s+(\w+)", code))
        for owner, method in re.findall(r"([A-Za-z_]\w*)(?:\.\w+)*?\.(\w+)\s*\(", code):
            found.methods.add(((owner,), method)) if not effects.only_reads(method) else None
        words = frozenset((word,) for word in re.findall(r"[A-Za-z_]\w*", code))
        for function in re.findall(r"(?<![.\w])([A-Za-z_]\w*)\s*\(", code):
            found.calls.append(effects.Call((function,), (words,), (), False))
        found.star |= bool(re.match(r"\s*from\s+\S+\s+import\s*\*", code))
    return found
