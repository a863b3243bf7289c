"""The words of pages and answers, in the language of whoever asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, g
from markupsafe import Markup
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
    """Templates get `_`, `ngettext`, `language`, `tags` and `languages`; answers say their language."""
    app.jinja_env.globals.update(_=_in_page, ngettext=_counted_in_page)
    app.context_processor(_for_templates)

    @app.after_request
    def say_language(response: Response) -> Response:
        if "language" in g:
            response.headers.setdefault("Content-Language", TAGS[language()])
            response.vary.add("Accept-Language")
        return response


def _in_page(english: str, **params: object) -> Markup:
    """What `_` is in a template: `%(name)s` is filled in, and no parameter becomes markup or plays tricks."""
    return _filled(_plain(english), params)


def _counted_in_page(one: str, many: str, count: int, **params: object) -> Markup:
    """What `ngettext` is in a template; `%(num)s` is the count."""
    return _filled(_plural(one, many, count), params | {"num": count})


def _filled(words: str, params: Mapping[str, object]) -> Markup:
    # `_finalize` sees the outcome as markup and lets it pass, so each text is looked at here.
    shown = {name: visible(value) if type(value) is str else value for name, value in params.items()}
    return Markup.escape(words) % shown


def _plain(english: str) -> str:
    return catalogue(language()).gettext(english)


def _plural(one: str, many: str, count: int) -> str:
    return catalogue(language()).ngettext(one, many, count)


def _for_templates() -> dict[str, Any]:
    return {"language": language(), "tags": TAGS, "languages": NAMES}
