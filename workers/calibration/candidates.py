"""The networks whose verdict hangs on their accuracy: every right one, and the nearest wrong ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from grader.checks import Rubric
from grader.checks.run import run_checks
from grader.domain.assignment import Assignment, Part
from grader.domain.canonical import canonical
from grader.domain.errors import AuthorError, StudentError
from grader.domain.model_spec import ModelSpec
from grader.domain.report import Outcome, Verdict
from grader.domain.training import TrainingPlan
from grader.services.grading import ModelExtractor
from workers.mutation import starts
from workers.mutation.judge import as_submitted
from workers.references import ReferenceSolution
from workers.training.job import TrainingJob, dump_job


@dataclass(frozen=True)
class Candidate:
    """A network that passes every check of its layers, and the plan that it is trained by.

    `names` are the solutions that give it: forms of one architecture are one network.
    """

    part: str
    names: tuple[str, ...]
    is_right: bool
    model: ModelSpec
    plan: TrainingPlan

    @property
    def name(self) -> str:
        """The first that gives it, and how many others do."""
        others = len(self.names) - 1
        return self.names[0] + (f" and {others} more" if others else "")


def candidates(
    assignment: Assignment,
    rubrics: Mapping[str, Rubric],
    solutions: Iterable[ReferenceSolution],
    extractor: ModelExtractor,
) -> list[Candidate]:
    """Accepted and failed solutions that get as far as their training, and mutants that cannot learn.

    AuthorError where no accepted solution gets there.
    """
    found: dict[str, Candidate] = {}
    for each in _all(assignment, rubrics, solutions, extractor):
        job = TrainingJob(canonical(each.model), each.plan, seed=0, threads=1, inputs=each.part)
        key = json.dumps(dump_job(job), sort_keys=True)
        before = found.get(key)
        found[key] = each if before is None else replace(before, names=before.names + each.names)
    chosen = list(found.values())
    for part in assignment.parts:
        if part.plan and not any(each.is_right for each in chosen if each.part == part.name):
            raise AuthorError(
                f"{assignment.slug}: no accepted solution of the part {part.name} gets to its training"
            )
    return chosen


def _all(
    assignment: Assignment,
    rubrics: Mapping[str, Rubric],
    solutions: Iterable[ReferenceSolution],
    extractor: ModelExtractor,
) -> Iterator[Candidate]:
    mutants: dict[str, list[Candidate]] = {}
    for solution in solutions:
        if solution.verdict is Verdict.INVALID:
            continue
        try:
            extraction = extractor.extract(solution.path.read_text("utf-8"), assignment)
        except StudentError:
            continue
        is_right = solution.verdict is Verdict.PASSED
        for part in assignment.parts:
            if part.plan is None:
                continue
            plan = extraction.choice.applied_to(part.plan)
            model = extraction.parts[part.name].model
            name = f"{solution.path.parent.name}/{solution.path.name}"
            if is_right and part.name not in mutants:
                mutants[part.name] = list(_cannot_learn(part, rubrics[part.name], model, plan))
            if _gets_to_training(part, rubrics[part.name], model):
                yield Candidate(part.name, (name,), is_right, model, plan)
    for found in mutants.values():
        yield from found


def _cannot_learn(part: Part, rubric: Rubric, model: ModelSpec, plan: TrainingPlan) -> Iterator[Candidate]:
    for operator in (starts.all_zeros, starts.shut):
        for mutant in operator(model):
            changed = as_submitted(mutant.model)
            if _gets_to_training(part, rubric, changed):
                yield Candidate(part.name, (f"mutant: {mutant.operator}",), False, changed, plan)


def _gets_to_training(part: Part, rubric: Rubric, model: ModelSpec) -> bool:
    """Whether every check of the layers passes, so that a number decides."""
    compared = replace(model, strictness=part.architecture)
    results = run_checks(rubric.architecture, lambda: compared, {})
    return bool(rubric.training) and all(each.outcome is Outcome.PASSED for each in results.values())
