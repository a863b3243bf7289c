"""assignments/<slug>/ → Assignment and its checks. A malformed folder is refused with file, line and what would do."""

from __future__ import annotations

import hashlib
import re
import runpy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.checks import Check, Rubric
from grader.checks.check import Subject
from grader.domain.assignment import (
    Assignment,
    ChoiceBounds,
    EntryPoint,
    Limits,
    Part,
    Strictness,
    Translation,
)
from grader.domain.errors import AuthorError
from grader.domain.probe import ProbePlan
from grader.domain.training import LOSSES, OPTIMIZERS, FullTraining, TrainingPlan
from grader.language import LANGUAGES
from grader.strict_yaml import Read, did_you_mean, read_yaml

FORMAT = 1
MUTANTS = "mutants.yaml"
"""Beside `assignment.yaml`: what `grader mutate` tries its checks with. It decides no verdict."""
CEILINGS = "ceilings.yaml"
"""And what `grader calibrate` is told of wrong networks."""
SLUG = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True)
class EntryPointForm:
    """`entry_point:` as authors write it."""

    function: str
    arguments: tuple[object, ...] = ()
    also_functions: tuple[str, ...] = ()
    also_variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class PartForm:
    """One item of `parts:`."""

    name: str
    entry_point: EntryPointForm
    input_shape: tuple[int, ...] = ()
    training: TrainingPlan | None = None
    full_training: FullTraining | None = None
    choice: ChoiceBounds | None = None
    probe: ProbePlan | None = None
    delayed_build: bool = False
    architecture: Strictness = Strictness.EXACT


@dataclass(frozen=True)
class AssignmentForm:
    """`assignment.yaml` as authors write it."""

    format: int
    title: str
    parts: tuple[PartForm, ...]
    source: str = ""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class TranslationForm:
    """`zh.yaml` as authors write it: the title, the titles of the checks by id, and other phrases by their English."""

    title: str
    checks: Mapping[str, str]
    phrases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalog:
    """Everything that can be graded here: assignments by slug, and the checks of each of their parts."""

    assignments: Mapping[str, Assignment]
    rubrics: Mapping[str, Mapping[str, Rubric]]

    def max_score(self, slug: str) -> float:
        """The points of all checks of an assignment."""
        return sum(rubric.points for rubric in self.rubrics[slug].values())

    def points(self, slug: str) -> Mapping[str, float]:
        """The points of each check of an assignment, by `part/id`."""
        rubrics = self.rubrics[slug].items()
        return {f"{part}/{check.id}": check.points for part, rubric in rubrics for check in rubric.checks}

    def nearest(self, slug: str) -> str:
        """`; did you mean …?` for a slug that does not exist."""
        return did_you_mean(slug, self.assignments)


def load_catalog(directories: Iterable[Path]) -> Catalog:
    """Load every assignment folder; later directories win. AuthorError for the first malformed one."""
    assignments: dict[str, Assignment] = {}
    rubrics: dict[str, Mapping[str, Rubric]] = {}
    for directory in directories:
        for path in sorted(directory.glob("*/assignment.yaml")):
            assignment, parts = load_assignment(path.parent)
            assignments[assignment.slug] = assignment
            rubrics[assignment.slug] = parts
    return Catalog(assignments, rubrics)


def load_assignment(folder: Path) -> tuple[Assignment, Mapping[str, Rubric]]:
    """Load one folder: its data and the checks of each part."""
    read = read_yaml(folder / "assignment.yaml", AssignmentForm, FORMAT)
    _verify(read, folder.name)
    form = read.value
    parts = tuple(map(_part, form.parts))
    rubrics = _rubrics(folder / "checks.py", parts)
    assignment = Assignment(
        slug=folder.name,
        title=form.title,
        version=folder_version(folder),
        statement=_text(folder / "statement.md"),
        starter=_text(folder / "starter.py"),
        parts=parts,
        source=form.source,
        limits=form.limits,
        translations=_translations(folder, [check for rubric in rubrics.values() for check in rubric.checks]),
    )
    return assignment, rubrics


def folder_version(folder: Path) -> str:
    """`sha256:` over names and bytes of the files that decide a verdict."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*")):
        decides = (
            path.suffix in (".yaml", ".py", ".md")
            and path.name not in {MUTANTS, CEILINGS}
            and not _is_translation(path)
        )
        if path.is_file() and decides:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sha256:{digest.hexdigest()}"


def _is_translation(path: Path) -> bool:
    """Whether a file says in another language what the folder says already; it decides no verdict."""
    return path.name in {name for each in LANGUAGES[1:] for name in (f"{each}.yaml", f"statement.{each}.md")}


def _translations(folder: Path, checks: list[Check]) -> Mapping[str, Translation]:
    """The other languages of a folder; AuthorError for one that lacks a check, or has one that is not there."""
    found = {}
    for each in LANGUAGES[1:]:
        path = folder / f"{each}.yaml"
        if not path.exists() and not path.with_suffix(".json").exists():
            continue
        read = read_yaml(path, TranslationForm)
        form, titles = read.value, {check.id: check.title for check in checks}
        for check in form.checks:
            if check not in titles:
                raise read.refuse(f"checks.{check}", f"there is no such check{did_you_mean(check, titles)}")
        for check in titles:
            if check not in form.checks:
                raise read.refuse("checks", f"the check {check} has no title here")
        words = {titles[check]: title for check, title in form.checks.items()} | dict(form.phrases)
        found[each] = Translation(form.title, _text(folder / f"statement.{each}.md"), words)
    return found


def _verify(read: Read[AssignmentForm], slug: str) -> None:
    form = read.value
    if not SLUG.fullmatch(slug):
        detail = f"{read.path.parent}: a folder's name is small letters, digits and hyphens"
        raise AuthorError(detail)
    if not form.parts:
        raise read.refuse("parts", "there is none")
    if len({part.name for part in form.parts}) != len(form.parts):
        raise read.refuse("parts", "two parts have one name")
    for place, part in enumerate(form.parts):
        _verify_training(read, part, f"parts[{place}]")
        _verify_subject(read, part, f"parts[{place}]")


def _verify_subject(read: Read[AssignmentForm], part: PartForm, path: str) -> None:
    """Refuse a part that is neither a model nor a probe, or both."""
    if part.probe is None and not part.input_shape:
        raise read.refuse(path, "a model needs its input_shape; a function or class to run needs a probe")
    if part.probe is None:
        return
    if part.input_shape or part.training or part.choice or part.delayed_build:
        raise read.refuse(f"{path}.probe", "a probe is no model: it has no input_shape, training or choice")
    for key, detail in part.probe.slips():
        raise read.refuse(f"{path}.probe.{key}", detail)


def _verify_training(read: Read[AssignmentForm], part: PartForm, path: str) -> None:
    """Refuse a plan that could not be trained, at the key that is wrong; `full_training` is judged as a whole."""
    if part.training is None:
        if part.full_training is not None:
            raise read.refuse(
                f"{path}.full_training", "there is no training that it could be the full form of"
            )
        return
    for key, detail in _slips(part.training):
        raise read.refuse(f"{path}.training{key}", detail)
    if part.full_training is not None:
        for key, detail in _slips(part.full_training.applied_to(part.training)):
            raise read.refuse(f"{path}.full_training{key}", detail)


def _slips(plan: TrainingPlan) -> Iterator[tuple[str, str]]:
    """What is wrong with a plan: the key, with a dot before it, and a sentence."""
    options = OPTIMIZERS.get(plan.optimizer, frozenset())
    strange = sorted(set(plan.optimizer_options) - options)
    demands = (
        ("", plan.epochs > 0 and plan.batch_size > 0 and plan.seeds, "epochs, batch_size and seeds must be at least one"),
        (".optimizer", plan.optimizer in OPTIMIZERS, f"there is no {plan.optimizer}{did_you_mean(plan.optimizer, OPTIMIZERS)}"),
        (".optimizer_options", not strange, f"{plan.optimizer} has no {strange}; it has {sorted(options)}"),
        (".loss", plan.loss in LOSSES, f"there is no {plan.loss}{did_you_mean(plan.loss, LOSSES)}"),
        (".from_logits", not plan.from_logits or plan.loss in LOSSES[:2], "logits are for the categorical losses"),
        (".samples", plan.samples is None or plan.samples > plan.validation_samples, "too few, or none"),
        (".validation_split", 0 <= plan.validation_split < 1, "must be at least 0 and less than 1"),
        (".validation_samples", plan.validation_samples >= 0, "must not be negative"),
        (".stopping", plan.stopping is None or plan.validation_samples or plan.validation_split, "needs rows to validate on"),
        (".stopping.accuracy", plan.stopping is None or 0 < plan.stopping.accuracy <= 1, "is a share, above 0 and at most 1"),
        (".stopping.patience", plan.stopping is None or plan.stopping.patience > 0, "must be at least one epoch"),
        (".stopping.rows", plan.stopping is None or plan.stopping.rows > 0, "must be at least one row"),
        (".stopping.earliest", plan.stopping is None or plan.stopping.earliest > 0, "must be at least the first epoch"),
        (".threshold", plan.threshold is None or 0 <= plan.threshold < 1, "must be at least 0 and less than 1"),
        (".seeds", len(set(plan.seeds)) == len(plan.seeds), "the same seed twice is the same run twice"),
        (".margin", 0 <= plan.margin < 1, "must be at least 0 and less than 1"),
        (".borderline", plan.borderline is None or plan.threshold is not None, "lies around a threshold, and there is none"),
        (".borderline", plan.borderline is None or min(plan.borderline.below, plan.borderline.above) >= 0, "below and above are distances, not negative"),
        (".borderline.runs", plan.borderline is None or plan.borderline.runs % 2 == 1, "must be odd, for a median"),
        (".borderline.runs", plan.borderline is None or 1 < plan.borderline.runs <= len(plan.seeds), "more than one, and a seed of the plan for each"),
    )  # fmt: skip
    return ((key, detail) for key, met, detail in demands if not met)


def _part(form: PartForm) -> Part:
    entry = form.entry_point
    return Part(
        name=form.name,
        entry_point=EntryPoint(entry.function, entry.arguments, entry.also_functions, entry.also_variables),
        input_shape=form.input_shape,
        plan=form.training,
        choice=form.choice,
        full_plan=form.full_training.applied_to(form.training)
        if form.full_training and form.training
        else None,
        probe=form.probe,
        delayed_build=form.delayed_build,
        architecture=form.architecture,
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        detail = f"{path}: cannot be read ({error})"
        raise AuthorError(detail) from error


def _rubrics(path: Path, parts: tuple[Part, ...]) -> Mapping[str, Rubric]:
    checks = _checks(path)
    known = {check.id for check in checks}
    probes = {part.name: part.probe is not None for part in parts}
    for check in checks:
        if check.part not in probes:
            detail = f"{path}: {check.id} is for a part {check.part!r} that assignment.yaml does not have"
            raise AuthorError(detail)
        if not set(check.needs) <= known:
            detail = f"{path}: {check.id} needs a check that is not in this file"
            raise AuthorError(detail)
        if probes[check.part] != (check.subject is Subject.PROBE):
            wanted = "@probe_check" if probes[check.part] else "@architecture_check or @training_check"
            detail = f"{path}: {check.id} looks at the part {check.part!r}, which takes {wanted}"
            raise AuthorError(detail)
    return {part: _rubric([check for check in checks if check.part == part]) for part in probes}


def _rubric(checks: list[Check]) -> Rubric:
    return Rubric(
        tuple(check for check in checks if check.subject is Subject.ARCHITECTURE),
        tuple(check for check in checks if check.subject is Subject.TRAINING),
        tuple(check for check in checks if check.subject is Subject.PROBE),
    )


def _checks(path: Path) -> list[Check]:
    """The checks of a file, in the order in which it defines them."""
    try:
        names = runpy.run_path(str(path), run_name=f"checks_of_{path.parent.name.replace('-', '_')}")
    except AuthorError as error:
        detail = f"{path}: {error}"
        raise AuthorError(detail) from error
    except Exception as error:
        line = _line_of(error, path)
        detail = f"{path}:{line}: {type(error).__name__}: {error}"
        raise AuthorError(detail) from error
    checks = [value for value in names.values() if isinstance(value, Check)]
    if not checks:
        detail = f"{path}: no check; write a function under @architecture_check or @training_check"
        raise AuthorError(detail)
    return checks


def _line_of(error: Exception, path: Path) -> int:
    if isinstance(error, SyntaxError):
        return error.lineno or 1
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
