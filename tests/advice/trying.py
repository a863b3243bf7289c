"""Grades a model before and after its report's next step was carried out: is the sentence gone, and no point lost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.catalog import Catalog
from grader.domain.errors import StudentError
from grader.domain.layers import ShapeError
from grader.domain.message import Message
from grader.domain.report import Report, Verdict, first_failed
from grader.messages import render_lines
from grader.services.grading import Extraction, ModelExtractor, Trainer, grade
from tests.advice.following import follow
from tests.advice.reading import CannotTell
from tests.forms.judge import LearnsAll
from workers.mutation.judge import as_submitted


@dataclass(frozen=True)
class Tried:
    """One wrong answer. `reason` is why no program could do what its report says; "" where one did."""

    slug: str
    name: str
    told: str
    code: str
    before: float = 0.0
    after: float = 0.0
    reason: str = ""
    gone: bool = False

    @property
    def carried_out(self) -> bool:
        """Whether a program did it."""
        return not self.reason

    @property
    def problem(self) -> str:
        """What is wrong with the advice; "" where it is as it should be, or was not carried out."""
        if not self.carried_out or (self.gone and self.after >= self.before):
            return ""
        what = "the same is told again" if not self.gone else f"{self.before:g} points fall to {self.after:g}"
        return f"{self.slug} {self.name}: {what}: {self.told}"


class _Given:
    """An extractor that has its models already."""

    sandbox = "none"

    def __init__(self, extraction: Extraction) -> None:
        self.extraction = extraction

    def extract(self, *_: object) -> Extraction:
        return self.extraction


def report_of(catalog: Catalog, slug: str, extraction: Extraction, trainer: Trainer | None = None) -> Report:
    """The report on these models; whatever may be trained learns all, unless a trainer is given."""
    extractor: ModelExtractor = _Given(extraction)
    return grade(
        "",
        catalog.assignments[slug],
        catalog.rubrics[slug],
        extractor=extractor,
        trainer=trainer or LearnsAll(),
    )


def tried(
    catalog: Catalog, slug: str, name: str, extraction: Extraction, trainer: Trainer | None = None
) -> Tried | None:
    """What became of a wrong answer's next step; None for an answer that passes."""
    before = report_of(catalog, slug, extraction, trainer)
    failed = first_failed(before.checks)
    if before.verdict is not Verdict.FAILED or failed is None or failed.message is None:
        return None
    found = Tried(slug, name, told_by(before), failed.message.code, before.score or 0.0)
    handed = extraction.parts.get(failed.part)
    if handed is None:
        return replace(
            found, reason="a function's numbers are wrong: no words say which line of it to change"
        )
    try:
        changed = follow(handed.model, failed)
        _ = as_submitted(changed)
    except CannotTell as cannot:
        return replace(found, reason=str(cannot))
    except (ShapeError, StudentError) as error:
        return replace(found, gone=False, after=-1.0, told=f"{found.told} [then no model: {error}]")
    parts: Mapping[str, object] = {**extraction.parts, failed.part: replace(handed, model=changed)}
    after = report_of(catalog, slug, replace(extraction, parts=parts), trainer)
    return replace(found, after=after.score or 0.0, gone=told_by(after) != found.told)


def told_by(report: Report) -> str:
    """What a student is to change first, without what is right so far."""
    lines: list[Message] = [told for told in report.feedback if not told.code.startswith("not_yet")]
    return render_lines(lines).replace("\n", " ")
