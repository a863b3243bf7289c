"""Dataclass ↔ JSON: strict (no unknown key, no missing one, no NaN), bounded in size, the same on both sides."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 1_000_000
LARGEST = 2**63 - 1
"""Whole numbers have 64 bits: databases and other programs' readers take no more."""

# Every quantifier is possessive and an end may be missing, so that this is linear in whatever comes.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b"[]{},"))


class WireError(ValueError):
    """The bytes are not the value that was asked for; the text says where they differ."""


class WireTooBig(WireError):
    """More bytes, values or levels than are read."""


def to_json(value: Any) -> Any:
    """Turn a dataclass (enums, tuples and mappings inside) into plain JSON values.

    WireError for what could not be read again: a number beyond 64 bits or none at all, half of a surrogate pair, a key that
    is no text; WireTooBig for too many levels or values.
    """
    return _Writer().write(value, 1)


def from_json(kind: type[T], data: Any, *, complete: bool = True) -> T:
    """Rebuild a value of `kind` from plain JSON values; raises WireError with the path of the first misfit.

    With `complete=False` a key may be missing where the dataclass has a default, as in files that people write.
    """
    value: T = _Reader(complete=complete).read(kind, data, kind.__name__)
    return value


def dumps(value: Any) -> bytes:
    """`value` as JSON bytes; WireError for what `loads` would refuse."""
    data = json.dumps(to_json(value), ensure_ascii=False, allow_nan=False).encode()
    _refuse_long(data, MAX_BYTES)
    return data


def loads(kind: type[T], data: bytes) -> T:
    """Read bytes that `dumps` wrote."""
    return from_json(kind, parse(data))


def parse(
    data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES
) -> Any:
    """JSON bytes from anywhere to plain values: bounded, no duplicate keys, no NaN, no infinity, no huge integer.

    Size, depth and number of values are known before any of them is made; WireTooBig when there is too much.
    """
    _refuse_long(data, max_bytes)
    refuse_sprawling(data, max_depth, max_values)
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except WireError:
        raise
    except (ValueError, RecursionError, MemoryError) as error:
        detail = f"not JSON: {type(error).__name__}"
        raise WireError(detail) from None


def _refuse_long(data: bytes, max_bytes: int) -> None:
    if len(data) > max_bytes:
        detail = f"{len(data)} bytes, at most {max_bytes} are read"
        raise WireTooBig(detail)


def refuse_sprawling(data: bytes, max_depth: int, max_values: int) -> None:
    """Count brackets and commas outside of strings: every value but the first comes after one of them.

    WireTooBig where there is more; nothing is made of the bytes, and what is no JSON is not told here.
    """
    structure = _STRING.sub(b"", data).translate(None, _NOT_STRUCTURE)
    values = 1 + sum(structure.count(mark) for mark in (b"[", b"{", b","))
    if values > max_values:
        detail = f"{values} values, at most {max_values} are read"
        raise WireTooBig(detail)
    depth = 0
    for mark in structure.translate(None, b","):
        depth += 1 if mark in b"[{" else -1
        if depth > max_depth:
            detail = f"more than {max_depth} levels"
            raise WireTooBig(detail)
        if depth < 0:
            return  # no JSON; whatever reads it stops here


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        detail = "a key appears twice"
        raise WireError(detail)
    return result


def _refuse_constant(text: str) -> NoReturn:
    detail = f"{text} has no place in JSON"
    raise WireError(detail)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_constant(text)
    return number


def _bounded(text: str) -> int:
    return _within_64_bits(int(text) if len(text) <= len(str(-LARGEST)) else LARGEST + 1)


def _within_64_bits(number: int) -> int:
    if not -LARGEST <= number <= LARGEST:
        detail = "an integer has more than 64 bits"
        raise WireError(detail)
    return number


@dataclasses.dataclass
class _Writer:
    """Makes plain values of what is inside the bounds of `parse`; `values` counts as `refuse_sprawling` does."""

    values: int = 1

    def write(self, value: Any, depth: int) -> Any:
        """The plain value; a container here would be the `depth`th, counted from outside."""
        if isinstance(value, Enum):
            return self.write(value.value, depth)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return _within_64_bits(value)
        if isinstance(value, str):
            return _whole_text(value)
        if isinstance(value, float):
            if not math.isfinite(value):
                detail = f"{value} has no place in JSON"
                raise WireError(detail)
            return value
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> Any:
        if dataclasses.is_dataclass(value):
            items = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        elif isinstance(value, Mapping):
            items = _unique([(_key(key), item) for key, item in value.items()])
        elif isinstance(value, tuple | list):
            self._count(len(value), depth)
            return [self.write(item, depth + 1) for item in value]
        else:
            detail = f"{type(value).__name__} cannot travel"
            raise WireError(detail)
        self._count(len(items), depth)
        return {key: self.write(item, depth + 1) for key, item in items.items()}

    def _count(self, items: int, depth: int) -> None:
        self.values += max(1, items)
        if self.values > MAX_VALUES:
            detail = f"more than {MAX_VALUES} values"
            raise WireTooBig(detail)
        if depth > MAX_DEPTH:
            detail = f"more than {MAX_DEPTH} levels"
            raise WireTooBig(detail)


def _key(key: Any) -> str:
    """A key is text: 1 and "1" would be one key in JSON."""
    if not isinstance(key, str):
        detail = f"a key is {type(key).__name__}, not text"
        raise WireError(detail)
    return _whole_text(str(key))


def _whole_text(text: str) -> str:
    if _HALF_A_PAIR.search(text):
        detail = "half of a surrogate pair has no place in UTF-8"
        raise WireError(detail)
    return text


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _has_default(declared: dataclasses.Field[Any]) -> bool:
    return declared.default is not dataclasses.MISSING or declared.default_factory is not dataclasses.MISSING


@dataclasses.dataclass(frozen=True)
class _Reader:
    """Reads plain values by the type hints of dataclasses; every method takes the path for its error."""

    complete: bool

    def read(self, kind: Any, data: Any, path: str) -> Any:
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._union(get_args(kind), data, path)
        if origin is tuple:
            return self._tuple(get_args(kind), data, path)
        if origin in (Mapping, dict):
            key_kind, item_kind = get_args(kind)
            _expect(isinstance(data, dict), path, "an object", data)
            return {
                self.read(key_kind, key, path): self.read(item_kind, item, f"{path}.{key}")
                for key, item in data.items()
            }
        if origin is not None:
            return self.read(origin, data, path)
        return self._plain(kind, data, path)

    def _plain(self, kind: Any, data: Any, path: str) -> Any:
        if kind is Any or kind is object:
            return _sound(data, path)
        if kind is types.NoneType:
            _expect(data is None, path, "null", data)
            return None
        if dataclasses.is_dataclass(kind):
            return self._dataclass(kind, data, path)
        if isinstance(kind, type) and issubclass(kind, Enum):
            try:
                return kind(data)
            except ValueError:
                _expect(False, path, f"one of {[str(word.value) for word in kind]}", data)
        if kind is float:
            _expect(isinstance(data, int | float) and not isinstance(data, bool), path, "a number", data)
            return float(_sound(data, path))
        if kind is bool or kind is str:
            _expect(isinstance(data, kind), path, kind.__name__, data)
            return data
        _expect(isinstance(data, kind) and not isinstance(data, bool), path, kind.__name__, data)
        return _sound(data, path) if kind is int else data

    def _union(self, kinds: tuple[Any, ...], data: Any, path: str) -> Any:
        error: WireError | None = None
        # An int stays an int in `int | float`: exact kinds first.
        for kind in sorted(kinds, key=lambda candidate: candidate is float):
            try:
                return self.read(kind, data, path)
            except WireError as caught:
                if error is None or kind is not types.NoneType:
                    error = caught
        raise error or WireError(path)

    def _tuple(self, kinds: tuple[Any, ...], data: Any, path: str) -> tuple[Any, ...]:
        _expect(isinstance(data, list), path, "a list", data)
        if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - tuple[T, ...]
            return tuple(self.read(kinds[0], item, f"{path}[{index}]") for index, item in enumerate(data))
        _expect(len(kinds) == len(data), path, f"{len(kinds)} items", data)
        return tuple(
            self.read(kind, item, f"{path}[{index}]")
            for index, (kind, item) in enumerate(zip(kinds, data, strict=True))
        )

    def _dataclass(self, kind: Any, data: Any, path: str) -> Any:
        _expect(isinstance(data, dict), path, "an object", data)
        names = {f.name for f in dataclasses.fields(kind)}
        needed = names if self.complete else {f.name for f in dataclasses.fields(kind) if not _has_default(f)}
        unknown, missing = set(data) - names, needed - set(data)
        _expect(not unknown, path, f"no key {sorted(unknown)}", data)
        _expect(not missing, path, f"the keys {sorted(missing)}", data)
        hints = _hints(kind)
        return kind(
            **{name: self.read(hints[name], data[name], f"{path}.{name}") for name in names & set(data)}
        )


def _sound(data: Any, path: str) -> Any:
    """`data` as it could be written again: what came through another reader than `parse` may be beyond its bounds."""
    try:
        return to_json(data)
    except WireError as error:
        detail = f"{path}: {error}"
        raise type(error)(detail) from None


def _expect(condition: bool, path: str, wanted: str, data: Any) -> None:
    if not condition:
        detail = f"{path}: expected {wanted}, got {type(data).__name__}"
        raise WireError(detail)
