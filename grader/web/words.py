"""The words of pages and answers, in the language of whoever asks for them."""

from __future__ import annotations

from typing import Any

from flask import Flask, g
from werkzeug.wrappers import Response

from grader.language import NAMES, TAGS, catalogue
from grader.messages import Told, render
from grader.visible import visible
from grader.web.current import language


def _(english: str, **params: object) -> str:
    """A sentence of ours with its parameters filled in; `N_` marks one that is shown elsewhere."""
    return _plain(english).format(**params)


def ngettext(one: str, many: str, count: int) -> str:
    """One of two sentences, by a number, with `{count}` filled in."""
    return _plural(one, many, count).format(count=count)


def N_(english: str) -> str:  # noqa: N802 - what gettext calls it everywhere
    """Mark a sentence for the catalogues; `_` translates it where it is shown."""
    return english


def told(error: Told) -> str:
    """What an error says to a person."""
    return render(error.message, language())


def register(app: Flask) -> None:
    """Templates get `_`, `ngettext`, `visible`, `language`, `tags` and `languages`; answers say their language."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_plain, _plural, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.filters["visible"] = visible
    app.context_processor(_for_templates)

    @app.after_request
    def say_language(response: Response) -> Response:
        if "language" in g:
            response.headers.setdefault("Content-Language", TAGS[language()])
            response.vary.add("Accept-Language")
        return response


def _plain(english: str) -> str:
    return catalogue(language()).gettext(english)


def _plural(one: str, many: str, count: int) -> str:
    return catalogue(language()).ngettext(one, many, count)


def _for_templates() -> dict[str, Any]:
    return {"language": language(), "tags": TAGS, "languages": NAMES}
