"""The languages that words are shown in, and the catalogue of each: English stands in the code, the others in `locale/`.

A checkout reads the .po file itself, by Babel; the wheel has it compiled, so that a student's client needs no Babel.
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

LANGUAGES = ("en", "zh")
"""As `--lang` and `?lang=` say them; the first stands in the code."""

NAMES = {"en": "English", "zh": "简体中文"}
"""What each calls itself."""

TAGS = {"en": "en", "zh": "zh-Hans"}
"""What `<html lang>` and `Content-Language` say: `zh` is Simplified Chinese."""

FOLDER = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """What turns English into `language`; leaves it English where there is no such catalogue."""
    source = FOLDER / language / "LC_MESSAGES" / "grader.po"
    compiled = source.with_suffix(".mo")
    if compiled.exists():
        with compiled.open("rb") as file:
            return gettext.GNUTranslations(file)
    return gettext.GNUTranslations(_compiled(source)) if source.exists() else gettext.NullTranslations()


def _compiled(source: Path) -> BytesIO:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    out = BytesIO()
    with source.open("rb") as file:
        write_mo(out, read_po(file))
    out.seek(0)
    return out
