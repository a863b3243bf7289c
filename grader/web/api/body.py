"""JSON that callers send: one flat object of bounded size, without characters that no database takes."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import abort, request

from grader import wire
from grader.web.words import _

LARGEST_JSON = 16 * 1024
LONGEST_TEXT = 4096
MOST_VALUES, DEEPEST = 1000, 16
"""Counted before any is made; an object with more is none that we ask for."""

LARGE = "source"
"""The one field that may be long; what is wrong with its characters is told in a report."""


def read_object(largest: int | None = LARGEST_JSON) -> dict[str, Any] | None:
    """The body as an object of texts, numbers and truth values; None where there is no JSON, 422 for another kind.

    `largest` are bytes, above which it is a 413; None leaves the server's own bound.
    """
    if largest is not None:
        request.max_content_length = largest
    if not request.is_json:
        return None
    data = request.get_data(cache=True)
    if request.max_content_length is not None and len(data) >= request.max_content_length:
        abort(413)  # a body of unknown length is cut at the limit without a word
    try:
        wire.refuse_sprawling(data, DEEPEST, MOST_VALUES)
        body = json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        abort(422, _("The body is no JSON that can be read."))
    if not isinstance(body, dict):
        abort(422, _("The body must be one JSON object."))
    for name, value in body.items():
        _check(name, value)
    return body


def _check(name: str, value: object) -> None:
    if isinstance(value, dict | list):
        abort(422, _("{name} must be a text, a number or a truth value.", name=ascii(name[:80])))
    for text in (name, value if isinstance(value, str) and name != LARGE else ""):
        if len(text) > LONGEST_TEXT:
            abort(422, _("{name} is too long.", name=ascii(name[:80])))
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            abort(422, _("{name} has characters that are no text.", name=ascii(name[:80])))


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
