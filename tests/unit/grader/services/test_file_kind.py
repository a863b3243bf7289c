"""Files that are no code are told as what they are, and no code is taken for one of them."""

from __future__ import annotations

import bz2
import io
import lzma
import pickle
import tarfile
import wave
import zipfile

import numpy as np
import pytest
from PIL import Image

from grader.phrases import PHRASES
from grader.services.file_kind import kind_of


def picture(form: str) -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (8, 8)).save(kept, form)
    return kept.getvalue()


def archive() -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("solution.py"))
    return kept.getvalue()


def sound() -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(8000)
        made.writeframes(b"\0\0" * 10)
    return kept.getvalue()


def numbers() -> bytes:
    kept = io.BytesIO()
    np.save(kept, np.zeros(3))
    return kept.getvalue()


def empty_zip() -> bytes:
    kept = io.BytesIO()
    zipfile.ZipFile(kept, "w").close()
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("GIF"), "kind_gif"),
        (picture("WEBP"), "kind_webp"),
        (picture("BMP"), "kind_bmp"),
        (picture("PNG"), "kind_png"),
        (picture("JPEG"), "kind_jpeg"),
        (picture("TIFF"), "kind_tiff"),
        (picture("ICO"), "kind_icon"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "kind_heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "kind_avif"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp41isom", "kind_video"),
        (b"%PDF-1.7\n", "kind_pdf"),
        (empty_zip(), "kind_zip"),
        (archive(), "kind_tar"),
        (bz2.compress(b"x = 1"), "kind_packed"),
        (lzma.compress(b"x = 1"), "kind_packed"),
        (sound(), "kind_sound"),
        (numbers(), "kind_numpy"),
        (pickle.dumps({"x": [1, 2]}), "kind_pickle"),
        (pickle.dumps([b"\n" * 300], 2), "kind_pickle"),
        (b"MZ\x90\0\x03\0\0\0", "kind_program"),
        (b"\n<!DOCTYPE html>\n<html>", "kind_web_page"),
        (b'<svg xmlns="x">', "kind_web_page"),
    ],
)
@pytest.mark.parametrize("name", ["homework.py", "homework.ipynb"])
def test_a_file_of_another_kind_is_told_as_that(data: bytes, kind: str, name: str) -> None:
    assert kind_of(data, name) == kind
    assert kind in PHRASES


@pytest.mark.parametrize(
    "code",
    [
        b"BM = 1\nx = BM + 1\n",
        b"MZ = 3\n" * 40,
        b"GIF = 1",
        b"RIFF = 'WEBP'",
        b"II = 3\n",
        b"size, ftyp = 1, 2\n",
        b"ID3 = DecisionTree()\n",
        b"<<<<<<< HEAD\n",
        b"",
        "模型 = 1".encode(),
    ],
)
def test_code_is_no_file_of_another_kind(code: bytes) -> None:
    assert kind_of(code, "homework.py") is None


def test_a_compiled_file_is_known_by_its_name_too() -> None:
    assert kind_of(b"anything", "A.PYC") == "kind_pyc"
