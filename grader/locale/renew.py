"""`make words`: write every sentence that is shown into the catalogues, and say what has no translation yet.

Messages stand under their code (`msgctxt`), what pages say under its English alone. A sentence whose English changed
moves to the end of the file as a comment, with its old translation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from grader.language import FOLDER, LANGUAGES
from grader.messages import WORDS, Counted

WEB = FOLDER.parent / "web"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
OPTIONS = {
    "extensions": "jinja2.ext.i18n",
    "newstyle_gettext": "true",
    "encoding": "utf-8",
    "silent": "false",
}
WIDTH = 110


def wanted() -> Catalog:
    """Every sentence of this version, untranslated."""
    found = Catalog(charset="utf-8")
    for code, english in WORDS.items():
        found.add((english.one, english.many) if isinstance(english, Counted) else english, context=code)
    for path in sorted([*WEB.rglob("*.html"), *WEB.rglob("*.py")]):
        for _, sentence, _, _ in _in_file(path):
            found.add(sentence, locations=[(path.relative_to(WEB).as_posix(), 1)])
    return found


def catalogue_file(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "grader.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is."""
    with catalogue_file(language).open("rb") as file:
        return read_po(file, locale=language)


def renew(language: str) -> list[str]:
    """Bring one catalogue up to date; what it has no words for."""
    known = read(language)
    template = wanted()
    template.creation_date = known.creation_date
    known.update(template, no_fuzzy_matching=True)
    with catalogue_file(language).open("wb") as file:
        write_po(file, known, width=WIDTH, include_lineno=False, omit_header=False)
    return [str(one.context or one.id) for one in known if one.id and not all(_texts(one.string))]


def _in_file(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    method = babel_extract if path.suffix == ".html" else "python"
    with path.open("rb") as file:
        yield from extract(method, file, KEYWORDS, (), OPTIONS)


def _texts(translation: object) -> tuple[str, ...]:
    return tuple(translation) if isinstance(translation, list | tuple) else (str(translation or ""),)


if __name__ == "__main__":
    for each in LANGUAGES[1:]:
        missing = renew(each)
        print(
            f"{catalogue_file(each)}: {len(missing)} without words{': ' if missing else ''}{', '.join(missing)}"
        )
