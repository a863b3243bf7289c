"""Read a pickle of numpy arrays from anyone's hands: no other name is looked up, no numpy code sees a foreign value.

The names that numpy's own pickles use resolve to stand-ins without attributes, which only note what they are given.
Arrays are then made here, after their shape, type and length have been checked. Opcodes come from a closed list, so
that the unpickler is never asked to build instances, follow persistent ids or fill a huge memo.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
from typing import TYPE_CHECKING, Any, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_OPCODES = 10_000
MAX_DIMENSIONS = 8
KINDS = "biuf"  # the types of numbers that an array may hold: bool, int, unsigned, float

OPCODES = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE"),
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1"),
        *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
        *("EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST", "LIST", "APPEND", "APPENDS"),
        *("EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"),
        *("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE", "GET", "BINGET", "LONG_BINGET"),
    }
)


class UnpickleError(ValueError):
    """The pickle holds something else than a dictionary of plain numeric arrays, or it is cut short."""


class _Type:
    """What a pickle says of a dtype: its code such as "u1", and its byte order once that is known."""

    __slots__ = ("code", "order")

    def __init__(self, code: str) -> None:
        self.code = code
        self.order = "|"

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 3 or state[1] not in ("<", ">", "|", "="):  # noqa: PLR2004
            detail = "a type of numbers is described in an unknown way"
            raise UnpickleError(detail)
        self.order = _text(state[1])

    def dtype(self) -> np.dtype[Any]:
        code = self.code if self.code[:1] in "<>|=" else self.order + self.code
        try:
            found = np.dtype(code)
        except (TypeError, ValueError):
            found = np.dtype(object)
        if found.kind not in KINDS:
            detail = f"an array holds {self.code!r}: only arrays of numbers are read"
            raise UnpickleError(detail)
        return found


class _Array:
    """What a pickle says of an array; made real by `array`."""

    __slots__ = ("fortran", "kind", "raw", "shape")

    def __init__(self) -> None:
        self.shape: object = None
        self.kind: object = None
        self.fortran = False
        self.raw: object = b""

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) != 5:  # noqa: PLR2004 - version, shape, dtype, order, bytes
            detail = "an array is described in an unknown way"
            raise UnpickleError(detail)
        _, self.shape, self.kind, self.fortran, self.raw = (
            state[0],
            state[1],
            state[2],
            bool(state[3]),
            state[4],
        )

    def array(self) -> np.ndarray:
        """The array itself; raises UnpickleError when shape, type and bytes do not belong together."""
        shape, raw = _shape(self.shape), self.raw
        if not isinstance(self.kind, _Type):
            detail = "an array has no type of numbers"
            raise UnpickleError(detail)
        dtype = self.kind.dtype()
        if isinstance(raw, str):  # Python 2 wrote bytes as text
            raw = _bytes(raw)
        if not isinstance(raw, bytes | bytearray) or len(raw) != math.prod(shape) * dtype.itemsize:
            detail = f"an array of shape {shape} does not have the bytes that its shape asks for"
            raise UnpickleError(detail)
        return np.frombuffer(bytes(raw), dtype).reshape(shape, order="F" if self.fortran else "C")


class _Named:
    """Stands for one name that a pickle may mention; being called, it only notes its arguments."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *arguments: object) -> object:
        if self.name == "_reconstruct":
            return _Array()
        if self.name == "_frombuffer" and len(arguments) == 4:  # noqa: PLR2004 - bytes, dtype, shape, order
            array = _Array()
            array.raw, array.kind, array.shape, array.fortran = *arguments[:3], arguments[3] == "F"
            return array
        if self.name == "dtype" and arguments and isinstance(arguments[0], str | bytes):
            return _Type(_text(arguments[0]))
        if self.name == "encode" and len(arguments) == 2 and arguments[1] in ("latin1", "latin-1"):  # noqa: PLR2004
            return _bytes(_text(arguments[0]))
        detail = f"{self.name} is called in an unknown way"
        raise UnpickleError(detail)


NAMES = frozenset(
    {
        *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
        *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    }
)


class _ArrayUnpickler(pickle.Unpickler):
    """Admits the names of numpy's own pickles, as stand-ins, and refuses every other."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) in NAMES:
            return _Named(global_name)
        detail = f"it asks for {module_name}.{global_name}: only numpy arrays are read"
        raise UnpickleError(detail)

    def persistent_load(self, pid: Any) -> Any:
        detail = f"it asks for an object outside the file ({type(pid).__name__}): only numpy arrays are read"
        raise UnpickleError(detail)


def load_arrays(data: bytes) -> dict[str, np.ndarray]:
    """The numeric arrays of a pickled dictionary by key, other values left out; raises UnpickleError."""
    try:
        _scan(data)
        content = _ArrayUnpickler(io.BytesIO(data), encoding="latin-1").load()
        if isinstance(content, dict):
            found = cast("Mapping[object, object]", content)
            return {_text(key): value.array() for key, value in found.items() if isinstance(value, _Array)}
    except UnpickleError:
        raise
    except Exception as error:  # noqa: BLE001 - a hostile pickle can make the standard library raise anything
        detail = f"it is not a whole pickle ({type(error).__name__})"
        raise UnpickleError(detail) from None
    detail = f"it holds {type(content).__name__}, not a dictionary of arrays"
    raise UnpickleError(detail)


def _scan(data: bytes) -> None:
    """Refuse unknown opcodes and a memo out of proportion before anything is built."""
    for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        if opcode.name not in OPCODES or count > MAX_OPCODES:
            detail = f"it holds more than a dictionary of arrays ({opcode.name})"
            raise UnpickleError(detail)
        if opcode.name in ("PUT", "LONG_BINPUT") and cast("int", argument) > MAX_OPCODES:
            detail = "it asks for too much memory"
            raise UnpickleError(detail)


def _shape(value: object) -> tuple[int, ...]:
    sizes = value if isinstance(value, tuple) else (-1,)
    if len(sizes) > MAX_DIMENSIONS or not all(type(size) is int and size >= 0 for size in sizes):
        detail = "an array has an impossible shape"
        raise UnpickleError(detail)
    return cast("tuple[int, ...]", sizes)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    detail = f"{type(value).__name__} stands where a name should be"
    raise UnpickleError(detail)


def _bytes(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        detail = "text stands where the bytes of an array should be"
        raise UnpickleError(detail) from None
