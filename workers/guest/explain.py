"""From a student's exception to a message that a beginner can act on: their own lines, never ours."""

from __future__ import annotations

import errno
import linecache
import re
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from . import slips
from .cells import place
from .compat import advice
from .mistyped import meant
from .refusal import NoModel, Scalar, short

_Found = TypeVar("_Found")

FILE_NAME = "<your code>"
AVAILABLE = "tensorflow, keras, numpy, scikit-learn, scipy, h5py, pandas, pillow, matplotlib"
_MODULES = ("tensorflow", "keras", "numpy", "sklearn", "scipy", "h5py", "pandas", "PIL", "matplotlib")
_NETWORK_ERRNOS = frozenset({errno.EAFNOSUPPORT, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ECONNREFUSED})
_FRAMES_SHOWN = 10
_SECONDS_FOR_TEXT = 1.0


def explain(error: BaseException, function: str | None) -> NoModel:
    """Say what a student's exception means; `function` is the entry point, or None while importing.

    Whatever a hostile exception does when somebody looks at it, a `NoModel` comes out.
    """
    try:
        return _explained(error, function)
    except BaseException:  # noqa: BLE001 - an error's attributes may raise whatever they like
        return _exception(error, function, None, "")


def _explained(error: BaseException, function: str | None) -> NoModel:
    line = _last_line(traceback_of(error))
    if isinstance(error, NoModel):
        return error
    if isinstance(error, SystemExit):
        return NoModel("bad_result", "ended_early", {"function": function}, line=line)
    for link in _chain(error):
        known = _resource(link) or _safely(advice.old_name, link) or _environment(link)
        if known is not None:
            reason, code, params = known
            return NoModel(reason, code, params, line=line)
    return _exception(error, function, line, trace(error), _safely(slips.slip, error, FILE_NAME) or {})


def _exception(
    error: BaseException,
    function: str | None,
    line: int | None,
    frames: str,
    slip: Mapping[str, Scalar] | None = None,
) -> NoModel:
    told: dict[str, Scalar] = {"error": _kind(error), "text": safe_text(error)}
    told |= {"function": function, "line": line, "trace": frames, **(slip or {})}
    return NoModel("bad_code", "exception_in_code", told, line=line)


def _slot(name: str) -> Callable[[BaseException], Any]:
    """How Python itself reads an attribute of an exception, past any property that a student has put before it."""
    read: Callable[[BaseException], Any] = vars(BaseException)[name].__get__
    return read


_cause, _context, traceback_of = _slot("__cause__"), _slot("__context__"), _slot("__traceback__")
_suppresses = _slot("__suppress_context__")


def _kind(error: BaseException) -> str:
    """The name of an error's class, past a metaclass of the student's; no subclass of str comes out."""
    return str.__getitem__(vars(type)["__name__"].__get__(type(error)), slice(100))


def _safely(look: Callable[..., _Found | None], *arguments: object) -> _Found | None:
    """What `look` finds in an error; nothing where the error itself is hostile."""
    try:
        with _Patience():
            return look(*arguments)
    except BaseException:  # noqa: BLE001 - an error's attributes may raise whatever they like
        return None


def syntax(error: BaseException, source: str) -> NoModel:
    """A source that does not compile: the line, the column of the caret, Python's own words."""
    if not isinstance(error, SyntaxError):  # a NUL byte, or nesting beyond what the compiler can hold
        return NoModel("bad_code", "syntax_error", {"text": "", "detail": safe_text(error)}, line=1)
    line = error.lineno or 1
    lines = source.split("\n")
    text = error.text or (lines[line - 1] if line <= len(lines) else "")
    params = {"text": text.rstrip("\r\n"), "detail": str(error.msg or "invalid syntax")}
    return NoModel("bad_code", "syntax_error", params, line=line, column=error.offset)


def trace(error: BaseException) -> str:
    """The student's own frames, innermost last: `line 7, in build_model: x = Dense(10)`."""
    frames = []
    lines = linecache.getlines(FILE_NAME)
    for name, line in _student_frames(traceback_of(error)):
        where = place(lines, line)
        where = where if name == "<module>" else f"{where}, in {name}"
        text = linecache.getline(FILE_NAME, line).strip()
        frames.append(short(f"{where}: {text}" if text else where, 160))
    return "\n".join(frames[-_FRAMES_SHOWN:])


def safe_text(error: BaseException) -> str:
    """`str(error)`, even if a student's `__str__` raises, never ends or is very long."""
    try:
        with _Patience():
            return short(_unwrapped(str.__getitem__(str(error), slice(5000)).strip()))
    except BaseException:  # noqa: BLE001 - whatever a hostile __str__ raises, even SystemExit
        return "(its text could not be read)"


def _unwrapped(text: str) -> str:
    """What was raised inside a layer, without the page that Keras writes around it."""
    _, wrapped, inside = text.partition("\n\n\x1b[1m")
    if not wrapped or not text.startswith("Exception encountered when calling "):
        return text
    return inside.partition("\x1b[0m\n\nArguments received by ")[0].strip()


class _Patience:
    """Break off what takes longer than a second, where the system has timers."""

    def __enter__(self) -> None:
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._give_up)
            signal.setitimer(signal.ITIMER_REAL, _SECONDS_FOR_TEXT)

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)

    @staticmethod
    def _give_up(*_: object) -> NoReturn:
        raise TimeoutError


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, at most ten of them: a student can make a ring."""
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        cause = _cause(link)
        link = cause if cause is not None or _suppresses(link) else _context(link)


_Known = tuple[str, str, dict[str, Scalar]]


def _resource(error: BaseException) -> _Known | None:
    out_of_memory = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if out_of_memory or isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "memory_limit", "memory_limit", {}
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return "disk_limit", "disk_limit", {"errno": error.errno}
    out_of_processes = isinstance(error, OSError) and error.errno == errno.EAGAIN
    if out_of_processes or (isinstance(error, RuntimeError) and "start new thread" in safe_text(error)):
        return "process_limit", "process_limit", {}
    return None


def _environment(error: BaseException) -> _Known | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return "bad_code", "missing_module", _missing_module(short(str(error.name), 100))
    if isinstance(error, EOFError) and "reading a line" in safe_text(error):
        return "bad_code", "asks_input", {}
    if _is_network(error):
        return "bad_code", "no_internet", {}
    if isinstance(error, FileNotFoundError):
        name = error.filename if isinstance(error.filename, str) else _file_in(safe_text(error))
        return "bad_code", "file_not_found", {"name": name}
    return None


def _file_in(text: str) -> str:
    """The name of the file in what h5py or NumPy says, which have it nowhere else."""
    found = re.search(r"name = '([^']+)'", text) or re.fullmatch(r"(\S+) not found\.?", text)
    return found[1] if found else text.rstrip(".")


def _is_network(error: BaseException) -> bool:
    if isinstance(error, socket.gaierror) or type(error).__name__ == "URLError":
        return True
    if isinstance(error, OSError) and error.errno in _NETWORK_ERRNOS:
        return True
    return type(error) is Exception and "URL fetch failure" in safe_text(error)


def _missing_module(name: str) -> dict[str, Scalar]:
    nearest = meant(name, [*_MODULES, *_loaded_siblings(name)])
    hint = nearest or f"not available here: {AVAILABLE} are"
    return {"module": name, "nearest": nearest, "available": AVAILABLE, "hint": hint}


def _loaded_siblings(name: str) -> list[str]:
    """Public modules beside a missing one: `keras.layer` → `keras.layers`."""
    parent = name.rpartition(".")[0]
    if not parent:
        return []
    known = [module for module in list(sys.modules) if module.rpartition(".")[0] == parent]
    return [module for module in known if "._" not in module]


def _student_frames(start: TracebackType | None) -> list[tuple[str, int]]:
    frames = []
    for frame, line in traceback.walk_tb(start):
        if frame.f_code.co_filename == FILE_NAME:
            frames.append((short(frame.f_code.co_name, 80), line))
    return frames


def _last_line(start: TracebackType | None) -> int | None:
    frames = _student_frames(start)
    return frames[-1][1] if frames else None
