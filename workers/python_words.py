"""One line of ours for each of Python's own errors: what a beginner most likely did, in the reader's language.

The guest tells an error's class and text, strangers' words; they only choose a sentence here, and fill in what a pattern found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grader.domain.description import clean
from grader.domain.errors import Location
from grader.domain.message import Message, message
from grader.services.notebook import in_words

_MOST = 600


@dataclass(frozen=True)
class _Rule:
    code: str
    error: str
    """The error's class, or several with | between them; "" for any."""
    pattern: str

    def told(self, error: str, text: str) -> Message | None:
        if self.error and error not in self.error.split("|"):
            return None
        found = re.search(self.pattern, text)
        if found is None:
            return None
        return message(
            self.code, **{name: clean(value or "", 80) for name, value in found.groupdict().items()}
        )


_SYNTAX = (
    _Rule("syntax_print", "", r"Missing parentheses in call to 'print'"),
    _Rule("syntax_comma", "", r"Perhaps you forgot a comma"),
    _Rule("syntax_closing", "", r"was never closed|unexpected EOF"),
    _Rule("syntax_bracket", "", r"^unmatched |does not match opening"),
    _Rule("syntax_quote", "", r"unterminated .*string|EOL while scanning"),
    _Rule("syntax_colon", "", r"expected ':'"),
    _Rule("syntax_block", "", r"expected an indented block"),
    _Rule("syntax_tabs", "", r"inconsistent use of tabs"),
    _Rule("syntax_indent", "", r"unexpected indent|unindent does not match"),
    _Rule("syntax_character", "", r"invalid (?:non-printable )?character"),
    _Rule("syntax_equals", "", r"Maybe you meant '=='|cannot assign to"),
    _Rule("syntax_argument_order", "", r"positional argument follows keyword"),
    _Rule("syntax_argument_twice", "", r"keyword argument repeated"),
    _Rule("syntax_return", "", r"'return' outside function"),
    _Rule("syntax_number", "", r"invalid decimal literal|leading zeros in decimal"),
    _Rule("syntax_elsewhere", "", r""),
)
_ERRORS = (
    _Rule("python_batch_axis", "", r"expected ndim=4, found ndim=5"),
    _Rule("python_flat", "", r"layer [\"']?(?P<layer>\w+).*expected (?:min_)?ndim=[345], found ndim=2"),
    _Rule(
        "python_axes", "", r"expected (?:min_)?ndim=\d+, found ndim=\d+|expected axis -?\d+ of input shape"
    ),
    _Rule("python_rate", "ValueError", r"rate.*between 0 and 1|value between 0 and 1"),
    _Rule("python_endless", "RecursionError", r""),
    _Rule("python_zero", "ZeroDivisionError", r""),
    _Rule("python_index", "IndexError", r""),
    _Rule("python_key", "KeyError", r""),
    _Rule("python_before", "UnboundLocalError", r""),
    _Rule("python_assert", "AssertionError", r""),
    _Rule("python_no_method", "NotImplementedError", r""),
    _Rule("python_nothing", "", r"'NoneType' object"),
    _Rule("python_not_layer", "", r"instances? of `?(?:keras\.)?Layer|must be (?:an )?instance of .*Layer"),
    _Rule("python_no_attribute", "AttributeError", r"'(?P<of>\w+)' object has no attribute '(?P<name>\w+)'"),
    _Rule(
        "python_no_attribute", "AttributeError", r"type object '(?P<of>\w+)' has no attribute '(?P<name>\w+)'"
    ),
    _Rule("python_not_callable", "TypeError", r"'(?P<kind>\w+)' object is not callable"),
    _Rule("python_text_number", "TypeError", r"'str' and '(?:int|float)'|'(?:int|float)' and 'str'|\"str\""),
    _Rule("python_kinds", "TypeError", r"unsupported operand|not supported between|can only concatenate"),
    _Rule("python_too_many", "TypeError", r"(?P<what>[\w.<>]+)\(\) takes .*positional arguments? but"),
    _Rule("python_unknown_argument", "TypeError", r"unexpected keyword argument '(?P<name>\w+)'"),
    _Rule("python_lacks", "TypeError", r"(?P<what>\w+)\(\) missing .*: '(?P<name>\w+)'"),
    _Rule("python_unpack", "TypeError|ValueError", r"unpack"),
    _Rule("python_shapes", "", r"[Ss]hape|dimension|broadcast"),
    _Rule("python_word", "ValueError", r"Unknown|[Cc]ould not interpret"),
    _Rule("python_number", "ValueError", r"could not convert|invalid literal"),
    _Rule("python_type", "TypeError", r""),
    _Rule("python_value", "ValueError", r""),
    _Rule("python_import", "ImportError", r""),
    _Rule("python_other", "", r""),
)


def of_syntax(detail: str) -> Message:
    """What most likely is wrong with a line that Python cannot read."""
    return next(_told(_SYNTAX, "", detail))


def of_error(error: str, text: str, trace: str) -> tuple[Message, ...]:
    """What most likely led to an error; where nothing is known of it, the line that is told next, if there is one."""
    found = next(_told(_ERRORS, error, text))
    lines = trace.split("\n")
    inside = _TRACED.fullmatch(max(lines, key=lines.count))  # the line that comes again and again
    if found.code == "python_endless" and inside and inside[3]:
        return (message("python_calls_itself", function=clean(inside[3], 80)),)
    return (found,) if trace or found.code != "python_other" else ()


def _told(rules: tuple[_Rule, ...], error: str, text: str) -> Iterator[Message]:
    return (told for rule in rules if (told := rule.told(error, text[:_MOST])) is not None)


_TRACED = re.compile(r"(?:cell (\d{1,6}), )?line (\d{1,7})(?:, in ([^:]{1,80}))?(?:: (.*))?")


def of_trace(trace: str) -> Iterator[Message]:
    """A trace line by line, its places in the reader's language; what repeats is told once."""
    lines = trace.split("\n")
    if len(lines) > 1 and lines[-1].endswith("…"):  # the guest cuts long texts
        del lines[-1]
    known: dict[str, int] = {}
    for line in lines:
        known[line] = known.get(line, 0) + 1
    for line, times in known.items():
        found = _TRACED.fullmatch(line)
        told = message("trace", trace=line) if found is None else _place(*found.groups())
        yield told if times == 1 else message("trace_again", line=told, times=times)


def _place(cell: str | None, line: str, function: str | None, text: str | None) -> Message:
    place = in_words(Location(int(line), cell=None if cell is None else int(cell)))
    if function is not None:
        place = message("in_function", place=place, function=function)
    return place if text is None else message("traced", place=place, text=text)
