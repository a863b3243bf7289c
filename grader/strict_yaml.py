"""YAML that people write, read into a dataclass: a slip is refused with file, line and the nearest known key."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args, get_type_hints

try:
    import yaml
except ModuleNotFoundError:  # a student's machine: the wheel has what it needs as JSON
    yaml = None  # type: ignore[assignment]

from grader import wire
from grader.domain.errors import AuthorError

T = TypeVar("T")


@dataclass(frozen=True)
class Read(Generic[T]):
    """What a file says, and the line of each of its keys by path, as in `parts[0].name`."""

    path: Path
    value: T
    lines: Mapping[str, int]

    def refuse(self, key: str, detail: str) -> AuthorError:
        """An error about one key, with its file and line."""
        line = self.lines.get(f"{type(self.value).__name__}.{key}", 1)
        return AuthorError(f"{self.path}:{line}: {key}: {detail}")


def read_yaml(path: Path, kind: type[T], known_format: int | None = None) -> Read[T]:
    """Read a YAML file as `kind`; keys with a default may be left out. AuthorError for anything else.

    A file that says its `format` must say the one that is known.
    """
    read = _read(path, kind)
    told = getattr(read.value, "format", None)
    if told != known_format:
        raise read.refuse("format", f"this is format {told}, known is {known_format}")
    return read


def _read(path: Path, kind: type[T]) -> Read[T]:
    if yaml is None:
        prepared = json.loads(path.with_suffix(".json").read_text("utf-8"))
        return Read(path, wire.from_json(kind, prepared, complete=False), {})
    lines: dict[str, int] = {}
    try:
        # libyaml reads a catalogue in a third of the time; a PyYAML without it says the same of any file.
        kind_of_loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        text = path.read_text("utf-8")
        _refuse_aliases(text, kind_of_loader)
        loader = kind_of_loader(text)
        node = loader.get_single_node()
        if node is None:
            detail = f"{path}:1: the file is empty"
            raise AuthorError(detail)
        lines.update(_lines(node, kind.__name__))
        value = wire.from_json(kind, loader.construct_document(node), complete=False)
    except wire.WireError as error:
        raise AuthorError(_explained(path, lines, str(error), kind)) from None
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{path}: cannot be read ({error})"
        raise AuthorError(detail) from error
    except RecursionError:
        detail = f"{path}:1: too many levels"
        raise AuthorError(detail) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        detail = f"{path}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', None) or 'not YAML'}"
        raise AuthorError(detail) from None
    return Read(path, value, lines)


def _refuse_aliases(text: str, kind_of_loader: Any) -> None:
    """A few lines of aliases of aliases would become millions of values; nobody needs one here."""
    if "*" not in text:
        return
    for event in yaml.parse(text, Loader=kind_of_loader):
        if isinstance(event, yaml.AliasEvent):
            mark: Any = event.start_mark
            problem = f"an alias, *{event.anchor}: write out what it stands for"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {found[0]!r}?" if found else ""


def _lines(node: yaml.Node, path: str) -> Iterator[tuple[str, int]]:
    """The line of every key and item, by the path that `wire` would name; a key that appears twice is refused."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} appears twice", problem_mark=key.start_mark)
            seen.add(key.value)
            yield from _lines(value, f"{path}.{key.value}")
            yield f"{path}.{key.value}", key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _lines(item, f"{path}[{index}]")


def _explained(path: Path, lines: Mapping[str, int], problem: str, kind: type) -> str:
    """A misfit that `wire` found, with file and line, and the nearest known key for an unknown one."""
    place, _, rest = problem.partition(": ")
    unknown = re.search(r"no key \['([^']*)'", rest)
    if unknown:
        line = lines.get(f"{place}.{unknown[1]}", 1)
        return f"{path}:{line}: unknown key {unknown[1]!r}{did_you_mean(unknown[1], _known_keys(kind))}"
    return f"{path}:{lines.get(place, 1)}: {place.removeprefix(f'{kind.__name__}.')}: {rest}"


def _known_keys(kind: Any) -> set[str]:
    """Every key that a file of this kind may have, at any depth."""
    if not dataclasses.is_dataclass(kind):
        return {key for inner in get_args(kind) for key in _known_keys(inner)}
    hints = get_type_hints(kind)
    return set(hints).union(*(_known_keys(hint) for hint in hints.values()))
