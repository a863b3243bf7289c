"""Exceptions that bite whoever looks at them: each still ends as a sentence about the student's code."""

from __future__ import annotations

import json

import pytest

from workers.guest.explain import explain, safe_text


class Thorny(Exception):
    """Every attribute that an explanation could want raises what nobody expects."""

    def _bite(self, *_: object) -> None:
        raise SystemExit(70)

    __cause__ = __context__ = __suppress_context__ = __traceback__ = property(_bite)
    __class__ = errno = name = filename = args = property(_bite)
    __str__ = __repr__ = __eq__ = __bool__ = __len__ = _bite
    __hash__ = Exception.__hash__


class Nameless(type):
    """A class whose name cannot be read."""

    __name__ = property(lambda _: 1 / 0)


class Sly(str):
    """A text that lies about everything."""

    __slots__ = ()

    def __getitem__(self, _: object) -> object:
        return self

    def __len__(self) -> int:
        raise KeyboardInterrupt

    def strip(self, *_: object) -> object:
        return object()


def told(error: BaseException) -> dict[str, object]:
    claim = explain(error, "build_model").as_claim()
    return json.loads(json.dumps(claim))["error"]


def test_nothing_of_a_thorny_exception_reaches_the_supervisor() -> None:
    error = told(Thorny())
    assert (error["reason"], error["code"]) == ("bad_code", "exception_in_code")
    assert error["params"]["error"] == "Thorny"
    assert error["params"]["text"] == "(its text could not be read)"


@pytest.mark.parametrize("attribute", ["__cause__", "__context__", "__suppress_context__", "__traceback__"])
@pytest.mark.parametrize("raised", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError])
def test_an_attribute_that_raises(attribute: str, raised: type[BaseException]) -> None:
    def bite(_: object) -> None:
        raise raised

    error = type("Bites", (Exception,), {attribute: property(bite)})("ouch")
    assert told(error)["params"]["text"] == "ouch"


def test_causes_are_found_past_a_property() -> None:
    error = type("Hides", (Exception,), {"__cause__": property(lambda _: None)})("outside")
    BaseException.__cause__.__set__(error, MemoryError())
    assert told(error)["reason"] == "memory_limit"


@pytest.mark.parametrize("error", [MemoryError(), OSError(12, "Cannot allocate memory")])
def test_memory_that_is_not_to_be_had_is_the_limit(error: BaseException) -> None:
    """mmap, where a process may have only so much address space, says so by ENOMEM."""
    assert told(error)["reason"] == "memory_limit"


def test_a_ring_of_causes_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert told(first)["params"]["text"] == "a"


def test_a_class_without_a_readable_name() -> None:
    assert told(Nameless("Anything", (Exception,), {})())["params"]["error"] == "Anything"


def test_a_text_of_a_sly_class() -> None:
    class Speaks(Exception):
        def __str__(self) -> str:
            return Sly("x" * 10_000)

    assert type(safe_text(Speaks())) is str
    assert told(Speaks())["params"]["text"].startswith("xxx")


def test_a_file_that_h5py_misses_is_told_by_its_name() -> None:
    text = "[Errno 2] Unable to synchronously open file (unable to open file: name = 'w.hdf5', errno = 2)"
    found = explain(FileNotFoundError(text), None)
    assert (found.code, found.params) == ("file_not_found", {"name": "w.hdf5"})
