"""Files for `grader data import`, whole and damaged, and what must hold for each: data that are as declared, or words.

`make fuzz` goes on for longer than the tests do.
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import io
import pickle
import random
import struct
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from workers.training.datasets import load_dataset
from workers.training.importing import ImportRefused, import_dataset

DECLARATION = """\
format: 1
name: small
title: "Small"
pictures: {shape: [3, 2], dtype: uint8}
labels: {dtype: uint8, classes: [0, 1, 2], encoding: one-hot}
sizes: {train: 12, test: 6}
scaling: {divide: 255.0, subtract: 0.0}
files:
  - {name: train.npz, part: train, format: npz, pictures: x, labels: y}
  - {name: test.npz, part: test, format: npz, pictures: x, labels: y}
  - {name: train.h5, part: train, format: hdf5, pictures: x, labels: y}
  - {name: train.p, part: train, format: pickle, pictures: x, labels: y}
  - {name: train-x, part: train, format: idx, pictures: data}
generator: generate.py
seed: 1
"""
X = np.arange(72, dtype=np.uint8).reshape(12, 3, 2)
Y = np.tile(np.arange(3, dtype=np.uint8), 4)
TEST = {"x": X[:6], "y": Y[:6]}
HUGE = 2**40
LONGEST_SECONDS = 300
"""After which one file is taken for one that does not end."""


def npz(compressed: bool = True, **arrays: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **({"x": X, "y": Y} | arrays))
    return file.getvalue()


def hdf5(make: Callable[[h5py.File], object] | None = None, **options: Any) -> bytes:
    """A file in memory; `make` changes it before it is closed."""
    file = io.BytesIO()
    with h5py.File(file, "w", **options) as archive:
        archive["x"], archive["y"] = X, Y
        if make is not None:
            make(archive)
    return file.getvalue()


def header(**words: Any) -> bytes:
    """An npz whose x has this header and few numbers."""
    said = {"descr": "|u1", "fortran_order": False, "shape": (12, 3, 2)} | words
    return raw_header(repr(said).encode())


def raw_header(text: bytes, version: tuple[int, int] = (1, 0), length: int | None = None) -> bytes:
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text) if length is None else length)
    member = b"\x93NUMPY" + bytes(version) + size + text + b"\0" * 72
    return zipped({"x.npy": member, "y.npy": _npy(Y)})


def zipped(members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _instead(name: str, make: Callable[[h5py.File], object]) -> Callable[[h5py.File], object]:
    def change(archive: h5py.File) -> None:
        del archive[name]
        make(archive)

    return change


def _virtual(archive: h5py.File) -> None:
    layout = h5py.VirtualLayout(shape=(12, 3, 2), dtype="u1")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(12, 3, 2))
    archive.create_virtual_dataset("x", layout)


def _linked(link: Any) -> bytes:
    return hdf5(_instead("x", lambda archive: archive.__setitem__("x", link)))


def _holds(value: Any, **options: Any) -> bytes:
    return hdf5(_instead("x", lambda archive: archive.create_dataset("x", data=value, **options)))


def _shaped(shape: Any, **options: Any) -> bytes:
    options = {"dtype": "u1"} | options
    return hdf5(_instead("x", lambda archive: archive.create_dataset("x", shape, **options)))


def _labels(values: Any) -> bytes:
    return hdf5(_instead("y", lambda archive: archive.create_dataset("y", data=values)))


def _cyclic(archive: h5py.File) -> None:
    archive["x"] = archive["/"]


def _outside(archive: h5py.File) -> None:
    archive.create_dataset("x", (12, 3, 2), "u1", external=[("/etc/passwd", 0, 72)])


def _reference(archive: h5py.File) -> None:
    archive.create_dataset("x", (12, 3, 2), h5py.ref_dtype)


def said_by_a_pickle(shape: tuple[int, ...]) -> bytes:
    """An array of no bytes, of which the pickle says this shape."""
    whole = np.zeros((7, 0), np.uint8)
    state = whole.__reduce__()[2]
    assert isinstance(state, tuple)

    class Said:
        def __reduce__(self) -> tuple[object, ...]:
            return (*whole.__reduce__()[:2], (state[0], shape, *state[2:]))

    return pickle.dumps({"x": Said(), "y": Y}, 2)


class _Called:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("this must never be seen",)


def crafted() -> dict[str, tuple[str, bytes]]:
    """Files that somebody thought of: what they are, under which name they come, and their bytes."""
    compound = np.zeros((12, 3, 2), [("a", "u1"), ("b", "f4")])
    npz_files: dict[str, bytes] = {
        "no name": zipped({"z.npy": _npy(X)}),
        "no zip": b"PK\x03\x04 and no more",
        "empty": b"",
        "an empty zip": zipped({}),
        "a bomb": zipped({"x.npy": _npy(X) + b"\0" * 50_000_000, "y.npy": _npy(Y)}),
        "a bomb of a header": raw_header(b" " * 60_000),
        "a header of 4 GiB": raw_header(b"{}", (2, 0), 2**32 - 1),
        "another version": raw_header(b"{}", (3, 0)),
        "a version of numpy's future": raw_header(b"{}", (9, 9)),
        "a header that calls": raw_header(b"__import__('os').abort()".ljust(64)),
        "a deep header": raw_header(b"(" * 900 + b")" * 900),
        "a very deep header": raw_header(b"[" * 30_000),
        "a header of minus signs": raw_header(b"-" * 30_000 + b"1"),
        "zeros in the header": raw_header(b"\0" * 64),
        "half a letter": raw_header(b"\xff\xfe" * 20),
        "no dictionary": raw_header(b"[1, 2, 3]"),
        "objects": npz(x=np.array([[1, "a"], [None, {}]], object)),
        "pickled objects": zipped({"x.npy": pickle.dumps(_Called()), "y.npy": _npy(Y)}),
        "said to be objects": header(descr="|O"),
        "compound": npz(x=compound),
        "text": npz(x=np.full((12, 3, 2), "a")),
        "dates": npz(x=np.zeros((12, 3, 2), "M8[s]")),
        "complex": npz(x=X.astype(complex)),
        "floats": npz(x=X / 255),
        "a subtype": header(descr="(2,3)u1"),
        "no type": header(descr=None),
        "a number for a type": header(descr=7),
        "a type of nobody": header(descr="x99"),
        "a type of no bytes": header(descr="|V0"),
        "huge": header(shape=(HUGE, 3, 2)),
        "huge in 300 digits": header(shape=(10**300, 3, 2)),
        "huge and empty": header(shape=(HUGE, 0, HUGE)),
        "less than none": header(shape=(-12, 3, 2)),
        "twice less than none": header(shape=(-12, -3, 2)),
        "half a picture": header(shape=(12.5, 3, 2)),
        "yes pictures": header(shape=(True, 3, 2)),
        "no tuple": header(shape=72),
        "300 axes": header(shape=(1,) * 300),
        "one number": npz(x=np.uint8(1)),
        "none": npz(x=X[:0], y=Y[:0]),
        "other shape": npz(x=X[:, :2]),
        "the wrong way round": npz(x=Y, y=X),
        "labels that are none": npz(y=np.full(12, np.nan)),
        "labels without end": npz(y=np.full(12, np.inf)),
        "labels beyond": npz(y=np.full(12, 2**63, np.uint64)),
        "halves": npz(y=np.full(12, 0.5)),
        "labels of yes and no": npz(y=Y > 0),
        "labels in a square": npz(y=Y.reshape(6, 2)),
        "one label": npz(y=np.uint8(1)),
        "labels of text": npz(y=np.full(12, "a")),
        "no labels": npz(y=Y[:0]),
    }
    hdf5_files: dict[str, bytes] = {
        "no name": hdf5(_instead("x", lambda _archive: None)),
        "empty": b"",
        "a signature alone": hdf5()[:8],
        "a cycle of groups": hdf5(_instead("x", _cyclic)),
        "a group": hdf5(_instead("x", lambda archive: archive.create_group("x"))),
        "a soft link": _linked(h5py.SoftLink("/y")),
        "a soft link in a circle": _linked(h5py.SoftLink("/x")),
        "a link to nowhere": _linked(h5py.SoftLink("/nowhere")),
        "another file": _linked(h5py.ExternalLink("/etc/passwd", "/x")),
        "a virtual one": hdf5(_instead("x", _virtual)),
        "numbers elsewhere": hdf5(_instead("x", _outside)),
        "a named type": _linked(np.dtype("u1")),
        "references": hdf5(_instead("x", _reference)),
        "text": _holds(["a"] * 12),
        "bytes": _holds(np.full((12, 3, 2), b"ab")),
        "compound": _holds(compound),
        "an enumeration": _shaped((12, 3, 2), dtype=h5py.enum_dtype({"a": 1})),
        "arrays in arrays": _shaped((12,), dtype=np.dtype((np.uint8, (3, 2)))),
        "of any length": _shaped((12,), dtype=h5py.vlen_dtype(np.uint8)),
        "opaque": _holds(np.zeros(12, "V6")),
        "empty space": _holds(h5py.Empty("u1")),
        "one number": _holds(np.uint8(1)),
        "huge": _shaped((HUGE, 3, 2), chunks=(1, 3, 2)),
        "huge and empty": _shaped((0, HUGE, 2), chunks=(1, 3, 2), maxshape=(None, HUGE, 2)),
        "a huge chunk": _shaped((12, 3, 2), chunks=(2**26, 3, 2), maxshape=(None, 3, 2)),
        "32 axes": _shaped((1,) * 32),
        "floats of two bytes": _holds(X.astype(np.float16)),
        "big-endian": _holds(X.astype(">u4")),
        "other shape": _holds(X[:, :2]),
        "labels that are none": _labels(np.full(12, np.nan)),
        "labels beyond": _labels(np.full(12, 2**63, np.uint64)),
        "labels in a square": _labels(Y.reshape(6, 2)),
        "labels of text": _labels(["a"] * 12),
        "one label": _labels(np.uint8(1)),
        "new format": hdf5(libver="latest")[:-9],
        "before it something else": b"\0" * 512 + hdf5(),
    }  # fmt: skip
    return {
        **{f"npz: {what}": ("train.npz", data) for what, data in npz_files.items()},
        **{f"hdf5: {what}": ("train.h5", data) for what, data in hdf5_files.items()},
        "pickle: called": ("train.p", pickle.dumps({"x": _Called(), "y": Y})),
        "pickle: an array of objects": ("train.p", pickle.dumps({"x": np.array([{}], object), "y": Y})),
        "idx: a bomb": ("train-x", gzip.compress(struct.pack(">HBBI", 0, 8, 1, 12) + b"\0" * 50_000_000)),
        "idx: huge and empty": ("train-x", struct.pack(">HBBIIII", 0, 8, 4, *[2**32 - 1] * 3, 0)),
        "pickle: huge and empty": ("train.p", said_by_a_pickle((2**62, 2**62, 0))),
        "pickle: a size beyond numbers": ("train.p", said_by_a_pickle((10**300, 0))),
        "pickle: yes pictures": ("train.p", said_by_a_pickle((True, 72))),
        "idx: huge": ("train-x", struct.pack(">HBBII", 0, 8, 2, 2**32 - 1, 2**32 - 1)),
    }


def whole() -> dict[str, list[bytes]]:
    """Files that are taken, by the name under which they come."""
    chunked = hdf5(
        _instead("x", lambda a: a.create_dataset("x", data=X, chunks=(4, 3, 2), compression="gzip"))
    )
    return {
        "train.npz": [npz(), npz(compressed=False)],
        "train.h5": [hdf5(), chunked, hdf5(libver="latest")],
        "train.p": [pickle.dumps({"x": X, "y": Y}, protocol) for protocol in (0, 2, 5)],
    }


def damaged(source: random.Random) -> tuple[str, bytes]:
    """A whole file with a few of its bytes changed, taken away, doubled or set to what counts and sizes like to be."""
    name, files = source.choice(sorted(whole().items()))
    data = bytearray(source.choice(files))
    for _ in range(source.choice((1, 1, 2, 4, 16))):
        place = source.randrange(len(data)) if data else 0
        deed = source.randrange(6)
        if deed == 0:
            del data[place:]
        elif deed == 1:
            data[place : place + 1] = bytes([source.randrange(256)])
        elif deed == 2:
            data[place : place + 8] = source.choice(
                (b"\xff" * 8, b"\0" * 8, b"\x7f" + b"\xff" * 7, struct.pack("<Q", HUGE))
            )
        elif deed == 3:
            del data[place : place + source.randrange(1, 64)]
        elif deed == 4:
            data[place:place] = data[place : place + source.randrange(1, 64)]
        elif data:
            data[place] ^= 1 << source.randrange(8)
    return name, bytes(data)


class Desk:
    """A folder with the declaration and a whole test part, where files are imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "small").mkdir()
        (folder / "small" / "dataset.yaml").write_text(DECLARATION)
        (folder / "small" / "generate.py").write_text("")
        (folder / "test.npz").write_bytes(npz(**TEST))
        self._known = {"small": folder / "small"}
        self._numbers = count()

    def judge(self, name: str, data: bytes) -> str:
        """Import one file beside the test part; `taken`, or `refused` in words. Anything else raises."""
        file, home = self.folder / name, self.folder / f"home-{next(self._numbers)}"
        file.write_bytes(data)
        try:
            import_dataset("small", [file, self.folder / "test.npz"], declarations=self._known, data_dir=home)
        except ImportRefused as refused:
            words = str(refused)
            assert words.startswith(name) or "missing" in words, words
            assert len(words) < 1000, words
            assert not home.exists(), "nothing is stored"
            return "refused"
        stored = load_dataset("small", declarations=self._known, data_dir=home)
        assert (stored.train_x.shape, stored.train_y.shape) == (X.shape, Y.shape)
        assert set(stored.train_y.tolist()) <= {0, 1, 2}
        return "taken"


def many(folder: Path, seed: int, number: int | None = None, seconds: float = 1e9) -> Counter[str]:
    """Judge so many damaged files, or as many as there is time for; what came of them.

    One that takes minutes ends the process, with a traceback; which one it was stands in `last`.
    """
    desk, outcomes, until = Desk(folder), Counter[str](), time.monotonic() + seconds
    for each in _seeds(seed, number):
        if time.monotonic() > until:
            break
        faulthandler.dump_traceback_later(LONGEST_SECONDS, exit=True)
        name, data = damaged(random.Random(each))
        (folder / "last").write_text(str(each))
        outcomes[f"{name} {desk.judge(name, data)}"] += 1
    faulthandler.cancel_dump_traceback_later()
    return outcomes


def _seeds(first: int, number: int | None) -> Iterator[int]:
    return iter(range(first, first + number)) if number is not None else count(first)


def main() -> None:
    """Fuzz, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--number", type=int)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-imports-") as folder:
        outcomes = many(Path(folder), asked.seed, asked.number, asked.minutes * 60)
    for what, number in sorted(outcomes.items()):
        print(f"{number:>9,} {what}")
    print(f"{sum(outcomes.values()):,} files, nothing but data and words")


if __name__ == "__main__":
    main()
