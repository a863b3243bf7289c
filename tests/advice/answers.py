"""The wrong answers whose next steps are carried out: failed reference solutions, and the mutants of accepted ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.services.grading import Extraction
from tests.built_in import catalog
from workers.extract import SandboxExtractor
from workers.mutation.contract import read_contract
from workers.mutation.judge import MODEL_OPERATORS, _that_fit
from workers.mutation.mutant import Aspect
from workers.references import BUILT_IN_SOLUTIONS
from workers.sandbox.base import Sandbox

SEED = 1
Answer = tuple[str, Extraction]


def failed_references(sandbox: Sandbox, slug: str) -> Iterator[Answer]:
    """Each file of `failed`, by its name, as the guest describes it."""
    for path in sorted((BUILT_IN_SOLUTIONS / slug / "failed").glob("*.py")):
        yield path.stem, _extracted(sandbox, slug, path.read_text("utf-8"))


def mutants(sandbox: Sandbox, slug: str) -> Iterator[Answer]:
    """Every mutant of every model of the accepted solution; what must be trained is left out."""
    assignment = catalog().assignments[slug]
    contract = read_contract(assignment, BUILT_IN_SOLUTIONS.parent / "assignments" / slug)
    accepted = sorted((BUILT_IN_SOLUTIONS / slug / "accepted").glob(contract.reference or "*.py"))
    extraction = _extracted(sandbox, slug, accepted[0].read_text("utf-8"))
    for name, handed in extraction.parts.items():
        for operator in MODEL_OPERATORS:
            for mutant in _that_fit(
                one for one in operator(handed.model) if one.aspect is not Aspect.ACCURACY
            ):
                parts = {**extraction.parts, name: replace(handed, model=mutant.model)}
                yield f"{name}: {mutant.operator}: {mutant.change}", replace(extraction, parts=parts)


def _extracted(sandbox: Sandbox, slug: str, source: str) -> Extraction:
    extractor = SandboxExtractor(sandbox, seed=lambda: SEED)
    return extractor.extract(source, catalog().assignments[slug])
