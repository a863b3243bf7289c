"""What the host knows better than the guest about an error: which line far above is to blame, what must keep its name."""

from __future__ import annotations

import re

from grader.domain.assignment import Assignment
from grader.domain.errors import StudentError
from grader.domain.message import Message, message
from grader.services.notebook import in_words, locate

_FORMAT_SET = re.compile(r"^[^#\n]*set_image_(?:data_format|dim_ordering)\s*\(", re.MULTILINE)


def of_image_format(error: StudentError, source: str) -> StudentError:
    """A layer that has the colours first because a line far above asked for that: told by that line."""
    told = error.messages[0]
    found = _FORMAT_SET.search(source)
    of_format = told.params.get("option") == "data_format" or told.code == "channels_first"
    if found is None or not of_format:
        return error
    at = locate(source, source.count("\n", 0, found.end()) + 1)
    where = message("image_format_set", place=in_words(at))
    return StudentError(error.reason, where, location=at)


def without_renaming(error: StudentError, assignment: Assignment) -> StudentError:
    """The error without the advice to rename what another part asks for: whoever followed it would lose that part."""
    asked = {
        name
        for part in assignment.parts
        for name in (part.entry_point.name, *part.entry_point.other_functions)
    }
    first, *rest = error.messages
    if first.code.endswith("_nearest") and first.params.get("nearest") in asked:
        plain = Message(first.code.removesuffix("_nearest"), first.params)
        return StudentError(error.reason, plain, *rest, location=error.location)
    return error
