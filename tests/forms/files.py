"""What file it becomes, and which bytes."""

from __future__ import annotations

import codecs
from dataclasses import replace
from random import Random

from tests.forms.around import COLAB_LINES, OTHER
from tests.forms.draft import Container, Draft
from tests.forms.form import Stage, form
from tests.forms.rows import Row

WESTERN = ("latin-1", "cp1252")
EASTERN = {"gbk": "gbk", "gb18030": "gb18030", "big5": "big5", "shift_jis": "shift_jis", "euc-kr": "euc_kr"}
GREETINGS = {
    "gbk": "神经网络作业，第三章", "gb18030": "神经网络作业，第三章", "big5": "神經網路作業", "shift_jis": "ニューラルネットの宿題",
    "euc-kr": "신경망 숙제",
}  # fmt: skip


@form(Stage.FILE, "a script under a main guard: the answer and all behind it")
def main_guard(draft: Draft, _: Random) -> Draft:
    return replace(draft, container=Container.GUARDED)


@form(Stage.FILE, "a script that a notebook was exported to")
def exported(draft: Draft, _: Random) -> Draft:
    return replace(draft, container=Container.EXPORTED)


@form(Stage.FILE, "a notebook, with magics and shell lines")
def notebook(draft: Draft, _: Random) -> Draft:
    return replace(draft, container=Container.NOTEBOOK, before=(COLAB_LINES, *draft.before))


def _no_candidates(row: Row) -> str:
    if row.is_probed:
        return "functions and classes that are tried with numbers have no candidates"
    if row.slug == "mnist-functional":
        return "its second function calls the first, by the name that it has last"
    return ""


@form(Stage.FILE, "a notebook of several quizzes: each binds the same name", _no_candidates)
def quizzes(draft: Draft, _: Random) -> Draft:
    """A wrong answer is the newest, since none fits: then the last one counts."""
    around = [_other(draft, units) for units in (16, 24)]
    behind = (*draft.behind, around[1]) if draft.right else draft.behind
    return replace(draft, container=Container.NOTEBOOK, before=(around[0], *draft.before), behind=behind)


def _other(draft: Draft, units: int) -> str:
    """Another quiz's network under the name of this one's."""
    if draft.variable:
        make = f"{draft.variable} = "
    else:
        name = draft.call.partition("(")[0]
        names = "input_shape" if draft.row.arguments and draft.call != f"{name}()" else ""
        make = f"def {name}({names}):\n    return "
    return OTHER.format(make=make, shape=draft.row.shape, units=units)


@form(Stage.BYTES, "Windows line ends")
def windows_lines(draft: Draft, _: Random) -> Draft:
    return replace(draft, newline="\r\n")


@form(Stage.BYTES, "UTF-8 with a byte order mark")
def utf8_mark(draft: Draft, _: Random) -> Draft:
    return replace(draft, mark=codecs.BOM_UTF8)


@form(Stage.BYTES, "UTF-16 with a byte order mark, as PowerShell writes it")
def utf16(draft: Draft, random: Random) -> Draft:
    codec, mark = random.choice([("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)])
    return replace(draft, codec=codec, mark=mark, newline="\r\n")


@form(Stage.BYTES, "latin-1 or cp1252 under a cookie")
def western(draft: Draft, random: Random) -> Draft:
    cookie = random.choice(WESTERN)
    return _with_cookie(draft, cookie, cookie, "Réseau de neurones: à rendre à Zoë Müller, año 2019")


@form(Stage.BYTES, "gbk, gb18030, big5, shift_jis or euc-kr under a cookie")
def eastern(draft: Draft, random: Random) -> Draft:
    cookie = random.choice(sorted(EASTERN))
    return _with_cookie(draft, cookie, EASTERN[cookie], GREETINGS[cookie])


def _with_cookie(draft: Draft, cookie: str, codec: str, comment: str) -> Draft:
    """A script in an encoding; a notebook is JSON, and JSON is UTF-8."""
    if draft.container is Container.NOTEBOOK:
        return draft
    top = draft.top.replace("# -*- coding: utf-8 -*-\n", "")
    top = f"# -*- coding: {cookie} -*-\n# {comment}\n{top}"
    return replace(draft, top=top, cookie=cookie, codec=codec)
