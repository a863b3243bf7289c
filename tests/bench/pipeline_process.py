"""`python -m tests.bench.pipeline_process DATA_DIR`: the grading pipeline alone, warm, told what to do on standard input.

One line of JSON in, one out: {"do": "grade", slug, source, plan} gives a report, {"do": "describe", slug, source} reads a
model, and {"do": "train", slug, most_epochs} trains that model by the class plan and gives the number of epochs.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader import wire
from grader.domain.model_spec import ModelSpec
from grader.domain.training import PlanName
from grader.settings import load_settings
from workers.pipeline import Pipeline, open_warm_pipeline


class Told:
    """Does what one line says."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._model: ModelSpec | None = None

    def grade(self, slug: str, source: str, plan: str) -> Any:
        """A whole grading."""
        return wire.to_json(self._pipeline.grade_file(slug, source.encode(), plan=PlanName(plan)))

    def describe(self, slug: str, source: str) -> Any:
        """Only the model, for `train`."""
        from workers.extract import SandboxExtractor

        assignment = self._pipeline.catalog.assignments[slug]
        extraction = SandboxExtractor(self._pipeline.sandbox).extract(source, assignment)
        self._model = extraction.parts["model"].model
        return {}

    def train(self, slug: str, most_epochs: int) -> Any:
        """Trains the model last described, for so many epochs at most."""
        plan = self._pipeline.catalog.assignments[slug].parts[0].plan
        assert self._model is not None
        assert plan is not None
        plan = replace(plan, epochs=min(plan.epochs, most_epochs))
        data = self._pipeline.trainer.dataset(plan.dataset)
        run = self._pipeline.trainer.train(self._model, plan, data)
        return {"epochs": run.runs[0].epochs}


def main() -> None:
    """Until standard input ends."""
    data_dir = Path(sys.argv[1])
    settings = load_settings({}, data_dir=data_dir, sandbox_mode="forkserver", run_cache=False)
    pipeline = open_warm_pipeline(settings)
    told = Told(pipeline)
    for line in sys.stdin:
        words = json.loads(line)
        answer = getattr(told, words.pop("do"))(**words)
        print(json.dumps(answer), flush=True)
    pipeline.close()


if __name__ == "__main__":
    main()
