"""The names that Python's `site` gives to everybody who sits at a prompt, and to every script: help, exit, license."""

from __future__ import annotations

import inspect
import sys
from _sitebuiltins import Quitter, _Printer
from typing import Any

_LINES = 20


class Help:
    """`help(thing)`: what it is called with and how its text begins; there is nobody here to turn pages."""

    def __call__(self, *things: Any) -> None:
        """Print a few lines about each thing, or how to ask."""
        if not things:
            print(self)
        for thing in things:
            print(*_about(thing), sep="\n")

    def __repr__(self) -> str:
        return "Type help(object) for help about object."


def names() -> dict[str, Any]:
    """Each name and what it stands for."""
    texts = {
        "copyright": sys.copyright,
        "credits": "See www.python.org for more information.",
        "license": "See https://docs.python.org/3/license.html",
    }
    quitters = {name: Quitter(name, "Ctrl-D (i.e. EOF)") for name in ("exit", "quit")}
    return {"help": Help()} | quitters | {name: _Printer(name, text) for name, text in texts.items()}


def _about(thing: Any) -> list[str]:
    name = getattr(thing, "__name__", type(thing).__name__)
    try:
        signature = str(inspect.signature(thing)) if callable(thing) else ""
    except (TypeError, ValueError):
        signature = ""
    return [f"Help on {name}{signature}:", "", *(inspect.getdoc(thing) or "").splitlines()[:_LINES]]
