"""The idx format of MNIST: two zeros, a type, the number of axes, big-endian sizes, then the numbers; gzipped or not.

The header is read and bounded first, and no more is ever unpacked than the header asks for.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib

import numpy as np

from workers.training.declaration import Declaration
from workers.training.foreign import ImportRefused, bounded

GZIP = b"\x1f\x8b"
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MAX_AXES = 4
KEY = "data"


def read_idx(data: bytes, keys: set[str], declaration: Declaration) -> dict[str, np.ndarray]:
    """The one array of an idx file, under every name that was asked for; raises ImportRefused."""
    plain = io.BytesIO(data)
    try:
        array = _array(gzip.GzipFile(fileobj=plain) if data[:2] == GZIP else plain, declaration)
    except (OSError, EOFError, zlib.error) as error:
        detail = f"it is not a whole gzip file ({type(error).__name__})"
        raise ImportRefused(detail) from error
    return dict.fromkeys(keys, array)


def _array(stream: io.BufferedIOBase, declaration: Declaration) -> np.ndarray:
    zeros, code, axes = struct.unpack(">HBB", _exactly(stream, 4))
    if zeros != 0 or code not in TYPES or not 0 < axes <= MAX_AXES:
        detail = "it does not begin as an idx file does"
        raise ImportRefused(detail)
    shape = struct.unpack(f">{axes}I", _exactly(stream, 4 * axes))
    dtype = np.dtype(TYPES[code])
    bounded(KEY, shape, dtype, declaration)
    content = _exactly(stream, math.prod(shape) * dtype.itemsize)
    if stream.read(1):
        detail = f"it holds more numbers than its shape {shape} asks for"
        raise ImportRefused(detail)
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _exactly(stream: io.BufferedIOBase, count: int) -> bytes:
    content = stream.read(count)
    if len(content) != count:
        detail = "it is not a whole idx file: it ends too early"
        raise ImportRefused(detail)
    return content
