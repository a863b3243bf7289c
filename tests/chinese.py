"""Whether a report can be read in Chinese throughout: templates are held to it by tests/unit/grader/test_catalogues.py, what is put
into them here. Code, names and what Python itself said stay as they are; English prose should have been a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from grader.domain.message import Message
from grader.domain.report import Report
from grader.messages import NO_WORDS, render

QUOTED = {
    "exception_in_code": ("text",),
    "not_in_graph_line": ("text",),
    "syntax_error": ("detail",),
    "syntax_error_in_cell": ("detail",),
    "code_line": ("text",),
    "traced": ("text",),
    "slip_import": ("near",),
    "note_magics_dropped": ("first",),
    "note_old_spelling": ("old",),
    "missing_module": ("hint",),  # what a report of an older version has; no sentence shows it
}
"""Parameters that are a student's code, whole lines of code to write, or Python's own words."""

_PROSE = re.compile(r"\b[A-Za-z]?[a-z]+ [a-z]+\b")
_CODE = re.compile(r"""`[^`]*`|“[^”]*”|'[^']*'|"[^"]*"|\w+\([^()]*(?:\([^()]*\)[^()]*)*\):?|\([\w, ]*\)""")
_MIXED = re.compile(r"[\u4e00-\u9fff][,;:?!](?!\d)|[,;:]\s*[\u4e00-\u9fff]|[，。；：]{2}|\s[，。；：]")


def is_prose(text: str) -> bool:
    """Whether there are two plain English words beside each other."""
    return _PROSE.search(text) is not None


def faults(report: Report, words: Mapping[str, str] = NO_WORDS) -> list[str]:
    """What of a report is no Chinese, a sentence each; `words` are the exercise's own, by their English."""
    told = []
    for each in _sentences(report):
        text = render(each, "zh", words)
        told += [f"English in {each.code}: {value}" for value in _english(each, words)]
        told += [
            f"{sign!r} in {text}" for sign in _MIXED.findall(_CODE.sub("x", _without_quotations(text, each)))
        ]
    return told


def _sentences(report: Report) -> Iterator[Message]:
    """Every sentence, and every phrase within one."""
    whole: list[object] = [*report.feedback, *report.notes]
    for check in report.checks:
        whole += [check.message, check.hint, check.expected, check.actual]
    for part in report.parts:
        whole += [part.told_of_runs, *(line.told for line in part.diff or ())]
    waiting = [each for each in whole if isinstance(each, Message)]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [value for value in each.params.values() if isinstance(value, Message)]


def _english(told: Message, words: Mapping[str, str]) -> list[str]:
    quoted = QUOTED.get(told.code, ())
    return [
        value
        for name, value in told.params.items()
        if isinstance(value, str) and name not in quoted and value not in words and is_prose(value)
    ]


def _without_quotations(text: str, told: Message) -> str:
    for value in told.params.values():
        text = text.replace(str(value), "x") if isinstance(value, str) and value else text
    return text
