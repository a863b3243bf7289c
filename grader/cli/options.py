"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from grader.language import LANGUAGES

F = TypeVar("F", bound=Callable[..., Any])


def lang_option(default: str | None = LANGUAGES[0]) -> Callable[[F], F]:
    """Adds `--lang`; without a default the server chooses, by the student's setting."""
    return click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        default=default,
        show_default=default is not None,
        help="Language of the feedback: en, or zh for Simplified Chinese.",
    )
