"""Runs an assignment's own checks on every mutant and every rewriting of its reference solution."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, partial
from typing import Any

from grader.checks import Rubric
from grader.checks.run import Results, run_checks
from grader.domain.assignment import Assignment, Part
from grader.domain.description import plain_model, read_model
from grader.domain.errors import StudentError
from grader.domain.message import Message
from grader.domain.model_spec import ModelSpec
from grader.domain.report import CheckResult, Outcome
from grader.domain.training import TrainingRun
from grader.services.grading import Extraction, ModelExtractor, Trainer
from workers.mutation import options, rewritings, source, starts, structure, surroundings
from workers.mutation.contract import Contract
from workers.mutation.mutant import MEANT, NETWORK, Aspect, Mutant, View, meant, names_the_change

MODEL_OPERATORS = (
    *structure.OPERATORS, *options.OPERATORS, *surroundings.OPERATORS, *starts.OPERATORS
)  # fmt: skip
SETTINGS = frozenset({Aspect.COMPILED, Aspect.OPTIMIZER, Aspect.LOSS, Aspect.METRICS})
FREE = (
    frozenset(
        {Aspect.LAYERS, Aspect.OPTIONS, Aspect.NAMES, Aspect.INPUT_NAME, Aspect.MODEL_NAME, Aspect.UNBUILT}
    )
    | SETTINGS
)
"""What may differ where a part does not judge it: then a change of it must pass."""


class Must(StrEnum):
    """What the checks owe a changed answer."""

    FAIL = "fail"
    PASS = "pass"  # noqa: S105 - no password


class Fate(StrEnum):
    """What became of a changed answer."""

    CAUGHT = "caught"
    BY_ANOTHER = "caught by another check"
    SURVIVED = "survived"
    EXCUSED = "exception"
    EQUIVALENT = "equivalent"
    PASSED = "passed"
    REFUSED = "refused"


AS_SHOULD_BE = frozenset({Fate.CAUGHT, Fate.EXCUSED, Fate.EQUIVALENT, Fate.PASSED})


@dataclass(frozen=True)
class Finding:
    """One changed answer and what became of it. `check` and `code` are those of the first check that failed.

    `check` is the report's reason where no model could be graded.
    """

    part: str
    operator: str
    change: str
    aspect: Aspect
    must: Must
    fate: Fate
    check: str | None = None
    code: str | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """What an exception in `mutants.yaml` calls it."""
        return f"{self.part}: {self.operator}: {self.change}"

    @property
    def as_should_be(self) -> bool:
        """Whether it was caught by the right check, or passed where it must."""
        return self.fate in AS_SHOULD_BE


@dataclass(frozen=True)
class Caught:
    """Where a changed answer was first found wrong."""

    check: str
    part: str
    told: Message | None
    broken: bool = False


@dataclass(frozen=True)
class Judge:
    """The checks of one assignment, and what they are run with. Only mutants of the aspects in `looks_at` are made."""

    assignment: Assignment
    rubrics: Mapping[str, Rubric]
    contract: Contract
    reference: str
    extractor: ModelExtractor
    trainer: Trainer
    looks_at: frozenset[Aspect] = frozenset(Aspect)

    @cached_property
    def extraction(self) -> Extraction:
        """What the reference solution gives."""
        return self.extractor.extract(self.reference, self.assignment)

    def findings(self) -> Iterator[Finding]:
        """What became of every mutant and rewriting of every part; first of all, whether the reference passes."""
        caught = _first(self._right.values())
        if caught is not None:
            yield Finding(
                caught.part, "reference", "as it is", Aspect.LAYERS, Must.PASS, Fate.REFUSED, caught.check
            )
            return
        for part in self.assignment.parts:
            found = self._probe(part) if part.probe else self._model(part)
            yield from map(self._excused, found)

    def _model(self, part: Part) -> Iterator[Finding]:
        reference = View(self.extraction.parts[part.name].model)
        judged = self.contract.judges[part.name]
        for mutant in _that_fit(self._mutants(reference.model)):
            view = View(mutant.model)
            aspect = _broken(mutant, reference, view, judged)
            if aspect in NETWORK and view.form == reference.form:
                yield self._must_pass(part, mutant, Fate.EQUIVALENT)
            elif aspect in judged:
                yield self._must_fail(part, mutant, aspect, meant(aspect, reference, view))
            elif aspect in FREE:
                yield self._must_pass(part, mutant, Fate.PASSED)
        if Aspect.LAYERS in self.looks_at:
            fixed = judged & {Aspect.NAMES, Aspect.OUTPUTS}
            for operator in rewritings.IN_PLACE if fixed else (*rewritings.IN_PLACE, *rewritings.OTHERS):
                for rewriting in operator(reference.model):
                    yield self._must_pass(part, rewriting, Fate.PASSED)

    def _mutants(self, model: ModelSpec) -> Iterator[Mutant]:
        for operator in MODEL_OPERATORS:
            yield from (mutant for mutant in operator(model) if mutant.aspect in self.looks_at)

    def _probe(self, part: Part) -> Iterator[Finding]:
        if Aspect.VALUE not in self.looks_at:
            return
        name = part.entry_point.name
        judged = self.contract.judges[part.name]
        for mutant in source.mutants(self.reference, name):
            if mutant.aspect in judged:
                yield self._must_fail(part, mutant, mutant.aspect, MEANT[mutant.aspect])
        for rewriting in source.rewritings(self.reference, name):
            yield self._must_pass(part, rewriting, Fate.PASSED)

    def _must_fail(self, part: Part, mutant: Mutant, aspect: Aspect, codes: frozenset[str]) -> Finding:
        caught = self._tried(part, mutant, trained=aspect is Aspect.ACCURACY)
        finding = partial(Finding, part.name, mutant.operator, mutant.change, aspect, Must.FAIL)
        if caught is None:
            return finding(Fate.SURVIVED)
        told = caught.told
        known = not caught.broken and caught.part == part.name and told is not None and told.code in codes
        right = known and told is not None and names_the_change(mutant, told)
        fate = Fate.CAUGHT if right else Fate.BY_ANOTHER
        return finding(fate, caught.check, told.code if told else None)

    def _must_pass(self, part: Part, mutant: Mutant, fate: Fate) -> Finding:
        caught = self._tried(part, mutant)
        finding = partial(Finding, part.name, mutant.operator, mutant.change, mutant.aspect, Must.PASS)
        if caught is None:
            return finding(fate)
        return finding(Fate.REFUSED, caught.check, caught.told.code if caught.told else None)

    def _tried(self, part: Part, mutant: Mutant, *, trained: bool = False) -> Caught | None:
        """The first thing that is found wrong with the reference when this part is changed."""
        try:
            if isinstance(mutant.subject, str):
                extraction = self.extractor.extract(mutant.subject, self.assignment)
                return _first(self._results(extraction, *self.assignment.parts).values())
            handed = replace(self.extraction.parts[part.name], model=as_submitted(mutant.model))
        except StudentError as error:
            return Caught(error.reason.value, part.name, error.messages[0])
        changed = replace(self.extraction, parts={**self.extraction.parts, part.name: handed})
        results = self._results(changed, part)
        if trained:
            train = partial(self._train, handed.model, part)
            results = run_checks(self.rubrics[part.name].training, train, results)
        return _first(results.values())

    @cached_property
    def _right(self) -> Results:
        """What the checks say of the reference, before anything is trained."""
        return self._results(self.extraction, *self.assignment.parts)

    def _results(self, extraction: Extraction, *parts: Part) -> Results:
        """The checks of these parts; where they are not all, the others' are those of the reference."""
        others = len(parts) < len(self.assignment.parts)
        results: Results = dict(self._right) if others else {}
        for part in parts:
            rubric = self.rubrics[part.name]
            if part.probe is not None:
                results = run_checks(rubric.probe, partial(_run_of, extraction, part), results)
            else:
                results = run_checks(rubric.architecture, partial(_model_of, extraction, part), results)
        return results

    def _train(self, model: ModelSpec, part: Part) -> TrainingRun:
        assert part.plan is not None
        return self.trainer.train(model, part.plan, self.trainer.dataset(part.plan.dataset))

    def _excused(self, finding: Finding) -> Finding:
        """The finding, excused where the author gave a reason; what is as it should be needs none."""
        reason = self.contract.exceptions.get(finding.name)
        if reason is None or finding.as_should_be:
            return finding
        return replace(finding, fate=Fate.EXCUSED, reason=reason)


def as_submitted(model: ModelSpec) -> ModelSpec:
    """The model read as a guest's description would be, bounds and all; StudentError where it is refused."""
    return replace(read_model(plain_model(model)), compiled=model.compiled)


def _that_fit(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Those that Keras itself would build: what it refuses is no wrong model but no model. Sizes are judged later."""
    for mutant in mutants:
        try:
            as_submitted(mutant.model)
        except StudentError as error:
            if mutant.aspect is not Aspect.BUDGET or error.messages[0].code == "bad_shape":
                continue
        yield mutant


def _broken(mutant: Mutant, reference: View, view: View, judged: frozenset[Aspect]) -> Aspect:
    """What a mutant breaks: what its operator says, or, where layers are free, what can be seen from outside."""
    if mutant.aspect in judged or mutant.aspect not in NETWORK:
        return mutant.aspect
    if view.model.input_shapes != reference.model.input_shapes:
        return Aspect.INPUT
    if view.model.output_shapes != reference.model.output_shapes:
        return Aspect.OUTPUT
    return Aspect.HEAD if view.head != reference.head else mutant.aspect


def _model_of(extraction: Extraction, part: Part) -> ModelSpec:
    return extraction.parts[part.name].model


def _run_of(extraction: Extraction, part: Part) -> Any:
    return extraction.probes[part.name].run


def _first(results: Iterable[CheckResult]) -> Caught | None:
    for result in results:
        if result.outcome in (Outcome.FAILED, Outcome.BROKEN):
            return Caught(result.id, result.part, result.message, result.outcome is Outcome.BROKEN)
    return None
