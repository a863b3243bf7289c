"""`make long`: train every assignment's reference by its full plan on the real files; our figures beside the documents'.

    python -m tests.training.long                        # all, about an hour on two cores
    python -m tests.training.long mnist-dense xor        # some

The files are those of `../shared/data`; they are imported into a folder that goes away. Where they are not there, the
synthetic data is trained on, and the table says so. Exits with 1 when a reference does not pass.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from grader.domain.report import Report, Verdict
from grader.domain.training import PlanName
from grader.settings import Settings, load_settings
from tests.real_data import FILES, FOLDER
from workers.pipeline import Pipeline, dataset_folders, open_pipeline
from workers.training.importing import import_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
WIDTH = 120  # of the table, in a terminal or not
PRINTED = {
    "traffic-dense": "0.8375 (training)",
    "traffic-conv": "0.8625 (training)",
    "traffic-pool": "above 0.50 (training)",
    "traffic-dropout": "above 0.50 (training)",
    "traffic-test": "0.95",
    "happy-house": "above 0.80",
    "mnist-dense": "0.9840",
    "mnist-conv": "0.9925",
}
"""What the documents print or ask for; the others print nothing."""


def main(slugs: list[str]) -> int:
    """Grade one accepted solution of each trained assignment and print a line as soon as it is done, then the table."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    console = Console()
    console.width = max(console.width, WIDTH)
    table = Table("Assignment", "Data", "Epochs", "The document", "Ours", "Threshold", "Seconds", "Verdict")
    passed = True
    with tempfile.TemporaryDirectory(prefix="grader-long-") as scratch:
        settings = load_settings(data_dir=Path(scratch))
        _import_all(settings, console)
        pipeline = open_pipeline(settings)
        try:
            for slug, report, seconds in _graded(pipeline, slugs, console):
                passed = passed and report.verdict is Verdict.PASSED
                row = _row(slug, report, seconds)
                console.print("  ".join(row), highlight=False)
                table.add_row(*row)
        finally:
            pipeline.close()
    console.print(table)
    return 0 if passed else 1


def _import_all(settings: Settings, console: Console) -> None:
    folders = dataset_folders(settings.assignments_dirs)
    for name, files in FILES.items():
        paths = [FOLDER / file for file in files]
        if all(path.exists() for path in paths):
            import_dataset(name, paths, declarations=folders, data_dir=settings.data_dir)
        else:
            console.print(f"{name}: the real files are not in {FOLDER}; this is measured on synthetic data")


def _graded(pipeline: Pipeline, slugs: list[str], console: Console) -> Iterator[tuple[str, Report, float]]:
    """The report of the first accepted solution of each trained assignment, by its document's plan."""
    trained = {
        slug: assignment
        for slug, assignment in pipeline.catalog.assignments.items()
        if any(part.plan for part in assignment.parts) and (not slugs or slug in slugs)
    }
    for place, (slug, assignment) in enumerate(trained.items(), 1):
        accepted = sorted((ROOT / "reference_solutions" / slug / "accepted").glob("*.py"))
        solution = next((path for path in accepted if path.stem == "document"), accepted[0])
        plan = PlanName.DOCUMENT if PlanName.DOCUMENT in assignment.plans else PlanName.CLASS
        console.print(f"[{place}/{len(trained)}] {slug}: {solution.name}, plan {plan} …", markup=False)
        start = time.monotonic()
        report = pipeline.grade_file(slug, solution.read_bytes(), solution.name, plan)
        yield slug, report, time.monotonic() - start


def _row(slug: str, report: Report, seconds: float) -> tuple[str, ...]:
    run = next((part.training for part in report.parts if part.training), None)
    data = report.provenance.dataset if report.provenance else None
    accuracy = None
    if run is not None:
        accuracy = run.final("accuracy") if run.test_accuracy is None else run.test_accuracy
        # The document's author saw what Keras's own moving averages give.
        accuracy = accuracy if run.by_averages is None else run.by_averages.test_accuracy
    return (
        slug,
        data.origin if data else "–",
        str(run.runs[0].epochs) if run else "–",
        PRINTED.get(slug, "–"),
        "–" if accuracy is None else f"{accuracy:.4f}",
        "–" if run is None or run.threshold is None else f"{run.threshold:.2f}",
        f"{seconds:.0f}",
        report.verdict.value,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
