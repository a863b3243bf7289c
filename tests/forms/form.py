"""What a form is: one way of writing that changes nothing of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from random import Random

from tests.forms.draft import Draft
from tests.forms.rows import Row


class Stage(IntEnum):
    """In this order forms are put together; of one stage a file has one form, but for what stands around the answer."""

    SHAPE = 1
    IMPORTS = 2
    PYTHON = 3
    TEXT = 4
    AROUND = 5
    FILE = 6
    BYTES = 7


Write = Callable[[Draft, Random], Draft]


@dataclass(frozen=True)
class Form:
    """One way of writing. `lacking` says why a row cannot have it; "" where it can.

    With `of_variable` it says most about a finished network, where the row takes one.
    """

    name: str
    stage: Stage
    title: str
    write: Write
    lacking: Callable[[Row], str] = lambda _: ""
    of_variable: bool = False


FORMS: dict[str, Form] = {}
"""All of them by name, in the order of the table."""


def form(
    stage: Stage, title: str, lacking: Callable[[Row], str] = lambda _: "", *, of_variable: bool = False
) -> Callable[[Write], Write]:
    """Note the function as the form of its name."""

    def note(write: Write) -> Write:
        FORMS[write.__name__] = Form(write.__name__, stage, title, write, lacking, of_variable)
        return write

    return note


def composed(draft: Draft, forms: Iterable[Form], seed: str) -> Draft:
    """The draft in all these forms; whatever is drawn comes from the seed alone."""
    chosen = sorted(forms, key=lambda it: it.stage)
    random = Random(" ".join([seed, draft.row.slug, *(it.name for it in chosen)]))
    for each in chosen:
        draft = each.write(draft, random)
    return draft
