"""What a file says of its encoding is believed, what it does not say is never guessed."""

from __future__ import annotations

import codecs
import json
from encodings.aliases import aliases

import pytest

from grader.domain.errors import Reason, StudentError
from grader.services.encoding import TAKEN, declared_encoding
from grader.services.notebook import MAX_NOTEBOOK_BYTES
from grader.services.source import MAX_CODE_BYTES, read_source

WORDS = {
    "latin-1": "é ñ ß",
    "iso-8859-1": "é ñ ß",
    "latin1": "é ñ ß",
    "iso-latin-1": "é ñ ß",
    "cp1252": "“é” – €",
    "windows-1252": "“é” – €",
    "iso-8859-15": "é €",
    "gbk": "模型 训练",
    "cp936": "模型 训练",
    "gb2312": "模型 训练",
    "gb18030": "模型 𠀀 €",
    "big5": "模型 訓練",
    "cp950": "模型 訓練",
    "shift_jis": "モデル 学習",
    "sjis": "モデル 学習",
    "cp932": "モデル ① 学習",
    "euc-kr": "모델 학습",
    "ks_c_5601": "모델 학습",
    "cp949": "모델 똠 학습",
}


def refused(data: bytes, name: str = "a.py", **more: int) -> tuple[str, dict[str, object]]:
    with pytest.raises(StudentError) as caught:
        read_source(data, name, **more)  # type: ignore[arg-type]
    assert caught.value.reason is Reason.BAD_UPLOAD
    return caught.value.messages[0].code, dict(caught.value.messages[0].params)


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_declared_encoding_is_decoded(name: str, line_end: str) -> None:
    lines = ["#!/usr/bin/env python", f"# -*- coding: {name} -*-", f"text = '{WORDS[name]}'", ""]
    data = line_end.join(lines).encode(name.replace("latin-1", "8859-1") if name == "iso-latin-1" else name)
    assert read_source(data) == "\n".join(lines)


def test_every_encoding_that_is_taken_keeps_the_lines_and_is_tried() -> None:
    known = {name.replace("-", "_") for name in WORDS}
    assert {aliases.get(name, name) for name in known - {"iso_latin_1"}} == TAKEN
    plain = bytes(range(128))
    assert all(plain.decode(name) == plain.decode("ascii") for name in TAKEN)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["x = 1\n", "# -*- coding: gbk -*-\nx = '模型 𠀀'\n"])
def test_utf_16_with_its_mark_is_decoded_whatever_it_declares(encoding: str, text: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    data = marks.get(encoding, b"") + text.replace("\n", "\r\n").encode(encoding)
    assert read_source(data) == text


def test_utf_8_with_its_mark_is_that() -> None:
    assert read_source(codecs.BOM_UTF8 + "# coding: latin-1\nx = 'é'".encode()).endswith("x = 'é'")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["a.ipynb", "A.IPYNB", "a.py", "a.PY", ""])
def test_a_notebook_with_a_mark_is_a_notebook_under_any_name(encoding: str, name: str) -> None:
    book = {"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = '模型'"}]}
    data = json.dumps(book, ensure_ascii=False).encode(encoding)
    assert "x = '模型'" in read_source(data, name)


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        ("x = 'é'".encode("latin-1"), "not_utf8", {"position": 5}),
        ("# coding: utf-8\nx = 'é'".encode("latin-1"), "not_utf8", {"position": 21}),
        ("\n\n# coding: latin-1\nx = 'é'".encode("latin-1"), "not_utf8", {"position": 25}),
        ("x = 1\n# coding: latin-1\n'é'".encode("latin-1"), "not_utf8", {"position": 25}),
        ("# coding: koi8-r\nx = 'ж'".encode("koi8-r"), "encoding_not_taken", {"encoding": "koi8-r"}),
        ("# coding: rot13\nx = 'é'".encode("latin-1"), "encoding_not_taken", {"encoding": "rot-13"}),
        ("# coding: No_Such\nx = 'é'".encode("latin-1"), "encoding_not_taken", {"encoding": "no-such"}),
        (b"# coding: gbk\nx = '\xff'", "not_as_declared", {"encoding": "gbk", "position": 19}),
        (codecs.BOM_UTF16_LE + b"x\0 ", "not_as_declared", {"encoding": "UTF-16", "position": 4}),
        (codecs.BOM_UTF16_LE + b"\0\xd8x\0", "not_as_declared", {"encoding": "UTF-16", "position": 2}),
        ("x = 1".encode("utf-16-le"), "contains_nul", {}),
        ("x = 1".encode("utf-32"), "not_utf8", {"position": 0}),
        (codecs.BOM_UTF16_LE, "empty_file", {}),
        (codecs.BOM_UTF16_LE + " \n".encode("utf-16-le"), "empty_file", {}),
    ],
)
def test_other_bytes_are_refused_and_what_to_do_is_said(
    data: bytes, code: str, said: dict[str, object]
) -> None:
    assert refused(data) == (code, said)


def test_a_file_that_an_editor_made_utf_8_under_an_old_line_is_still_taken() -> None:
    text = "# -*- coding: shift_jis -*-\nx = '模型'\n"
    assert read_source(text.encode()) == text


def test_text_that_was_never_in_a_file_is_not_decoded_a_second_time() -> None:
    text = "# -*- coding: latin-1 -*-\nx = 'é'\n"
    assert read_source(text.encode(), is_text=True) == text


def test_only_the_first_two_lines_declare_and_only_as_python_reads_them() -> None:
    assert declared_encoding(b"# vim: set fileencoding=cp1252 :\n") == "cp1252"
    assert declared_encoding(b"\x0c # coding=big5") == "big5"
    assert declared_encoding(b"# -*- coding: latin-1-unix -*-") == "latin_1"
    assert declared_encoding(b"'''\n# coding: big5") == ""
    assert declared_encoding(b"x = 1  # coding: big5") == ""
    assert declared_encoding(b"# coding: \xff") == ""
    assert declared_encoding(b"") == ""


def test_the_bounds_hold_after_decoding_and_the_file_s_own_size_is_told() -> None:
    head = "# coding: latin-1\n#"
    assert refused((head + "é" * (MAX_CODE_BYTES - 100)).encode("latin-1"))[0] == "too_large"
    assert read_source(("#" + "é" * (MAX_CODE_BYTES // 2 - 10)).encode("utf-16"))
    assert refused(("é" * (MAX_CODE_BYTES // 2 + 1)).encode("utf-16"))[0] == "too_large"
    begun = b'{"cells": [], "cell_type": "' + b" " * MAX_NOTEBOOK_BYTES
    assert refused(begun, "a.ipynb", size=24_000_000) == (
        "notebook_too_large",
        {"size": 24_000_000, "limit": MAX_NOTEBOOK_BYTES},
    )
    assert refused(begun[: MAX_NOTEBOOK_BYTES + 1], "a.txt", size=24_000_000)[0] == "notebook_too_large"
    assert refused(b"x" * (MAX_NOTEBOOK_BYTES + 1), "a.py", size=24_000_000)[1]["size"] == 24_000_000
