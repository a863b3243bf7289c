"""Pickles of arrays are read; anything else in a pickle is refused and nothing of it runs."""

from __future__ import annotations

import os
import pickle
import pickletools
import struct
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers.training.unpickle import UnpickleError, load_arrays

if TYPE_CHECKING:
    from pathlib import Path

ARRAYS = {
    "features": np.arange(24, dtype=np.uint8).reshape(2, 3, 4),
    "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big": np.arange(4, dtype=">i4"),
    "flags": np.array([True, False]),
}


@pytest.mark.parametrize("protocol", range(6))
def test_reads_every_protocol(protocol: int) -> None:
    read = load_arrays(pickle.dumps(ARRAYS, protocol))
    assert read.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def test_leaves_other_values_out() -> None:
    assert load_arrays(pickle.dumps({"a": np.arange(2), "note": "text", "sizes": [1, 2]})).keys() == {"a"}


def test_reads_keys_that_python_2_wrote() -> None:
    text = pickle.dumps({"features": np.arange(3, dtype=np.uint8)}, 2)
    old = text.replace(b"X\x08\x00\x00\x00features", b"U\x08features")
    assert old != text
    assert load_arrays(old)["features"].tolist() == [0, 1, 2]


class _RunsSystem:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_of_the_system_is_refused_and_does_not_run(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "ran"
    hostile = {"features": np.arange(2), "labels": _RunsSystem(f"touch {trace}")}
    with pytest.raises(UnpickleError, match=r"system"):
        load_arrays(pickle.dumps(hostile, protocol))
    assert not trace.exists()


@pytest.mark.parametrize(
    "value",
    [
        np.array([{}], dtype=object),
        np.array(["text"]),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array(["2020-01-01"], dtype="datetime64[D]"),
    ],
    ids=["objects", "text", "records", "dates"],
)
def test_only_arrays_of_numbers(value: np.ndarray) -> None:
    with pytest.raises(UnpickleError):
        load_arrays(pickle.dumps({"features": value}))


@pytest.mark.parametrize("value", [OrderedDict(a=1), np.float64, np.random.default_rng(0), {1, 2}, eval, 1j])
def test_other_objects_are_refused(value: object) -> None:
    with pytest.raises(UnpickleError):
        load_arrays(pickle.dumps({"features": value}))


def test_something_else_than_a_dictionary() -> None:
    with pytest.raises(UnpickleError, match="not a dictionary"):
        load_arrays(pickle.dumps(np.arange(3)))


@pytest.mark.parametrize("data", [b"", b"\x80\x04", b"not a pickle", pickle.dumps(ARRAYS)[:-40]])
def test_what_is_not_a_whole_pickle(data: bytes) -> None:
    with pytest.raises(UnpickleError):
        load_arrays(data)


def test_a_memo_out_of_proportion_takes_no_memory() -> None:
    with pytest.raises(UnpickleError, match="memory"):
        load_arrays(b"\x80\x02}r\xff\xff\xff\xff.")


def test_a_declared_length_out_of_proportion() -> None:
    with pytest.raises(UnpickleError):
        load_arrays(b"\x80\x04\x8e" + struct.pack("<Q", 2**50) + b"abc.")


def test_a_shape_that_its_bytes_do_not_fill() -> None:
    text = pickle.dumps({"a": np.zeros((3, 4), np.uint8)}, 2)
    wider = text.replace(b"K\x03K\x04\x86", b"K\x03K\x05\x86")
    assert wider != text
    with pytest.raises(UnpickleError, match="bytes"):
        load_arrays(wider)


def test_state_set_on_the_stand_ins_does_not_outlive_the_pickle() -> None:
    hostile = b"\x80\x02cnumpy\ndtype\n}X\x08\x00\x00\x00__call__K\x01s\x86b."
    assert "BUILD" in {opcode.name for opcode, _, _ in pickletools.genops(hostile)}
    with pytest.raises(UnpickleError):
        load_arrays(hostile)
    assert load_arrays(pickle.dumps(ARRAYS)).keys() == ARRAYS.keys()


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_damaged_pickle_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    text = bytearray(pickle.dumps(ARRAYS, data.draw(st.integers(0, 5))))
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = load_arrays(bytes(text))
    except UnpickleError:
        return
    assert all(array.dtype.kind in "biuf" for array in read.values())
