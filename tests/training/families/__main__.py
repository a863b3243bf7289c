"""`make families`: right networks of the Happy House of many kinds, many seeds each: how likely is it that one fails?

Each file in `networks` is a family. Its network is trained by the class plan, on the synthetic 600 + 150 pictures and on the real
100 + 50 where ../shared/data has them, from 30 seeds, and from 30 more where those decide nothing. What was trained is kept, one
line each, so that the same command goes on where it was stopped, however it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.domain.model_spec import ModelSpec
from grader.domain.report import DatasetStamp
from grader.domain.training import TrainingPlan
from grader.settings import Settings, load_settings
from tests.real_data import FILES, FOLDER
from tests.training.families.rows import FILE, InUse, Row, alone, append, key_of, read
from workers.calibration.tail import Estimate
from workers.calibration.verdicts import Sample, is_rare, is_undecided
from workers.extract import SandboxExtractor
from workers.pipeline import Pipeline, dataset_folders, open_pipeline
from workers.training.importing import import_dataset

SLUG = "happy-house"
NETWORKS = Path(__file__).with_name("networks")
VARIABLE = "FAMILIES_DIR"
KEPT = Path(__file__).resolve().parents[3] / "var" / "families"
FIRST, MOST, TOGETHER = 30, 60, 3
"""Seeds of each family, those of one that is not decided by them, and how many are trained in one process."""

EXAMPLES = f"""examples:
  python -m tests.training.families                                  all of them: hours of one core; stop it as you like
  python -m tests.training.families --data real three_blocks         one family on one kind of data
  python -m tests.training.families --table                          what is known by now; trains nothing
  {VARIABLE}=/elsewhere nice -n 19 make families             keep what was trained in another folder

Ends with 0 when each family fails with a chance below 0.001, the upper limit included, else with 1.
"""


@dataclass(frozen=True)
class Family:
    """A network on one kind of data; `key` names all that its runs depend on."""

    name: str
    model: ModelSpec
    plan: TrainingPlan
    data: DatasetStamp
    key: str

    def rows(self, known: Sequence[Row]) -> list[Row]:
        """Its runs, in the order of their seeds."""
        return sorted((row for row in known if row.key == self.key), key=lambda row: row.seed)


def main(words: Sequence[str]) -> int:
    """Train what is missing, then print the table."""
    asked = _parser().parse_args(words)
    folder = Path(os.environ.get(VARIABLE) or KEPT)
    settings = load_settings({}, data_dir=folder / "data")
    try:
        with nullcontext() if asked.table else alone(folder), closing(open_pipeline(settings)) as pipeline:
            _import_real(settings)
            families = list(_families(pipeline, asked.families, asked.data))
            if not asked.table:
                _train(pipeline, families, folder)
    except InUse:
        print(
            f"Another one trains into {folder}: stop it, or set {VARIABLE} to another folder.",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print(
            f"Stopped. {folder / FILE} keeps what was trained: the same command goes on from there.",
            file=sys.stderr,
        )
        return 130
    return _tell(families, read(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.training.families",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = sorted(path.stem for path in NETWORKS.glob("*.py"))
    parser.add_argument(
        "families", nargs="*", metavar="FAMILY", help=f"all where none is named: {', '.join(names)}"
    )
    parser.add_argument("--data", choices=("real", "synthetic", "all"), default="all")
    parser.add_argument("--table", action="store_true", help="print what is known and train nothing")
    return parser


def _import_real(settings: Settings) -> None:
    """Where the real pictures are beside this project and not yet here."""
    paths = [FOLDER / name for name in FILES[SLUG]]
    if all(path.exists() for path in paths) and not (settings.data_dir / "datasets" / SLUG).exists():
        folders = dataset_folders(settings.assignments_dirs)
        import_dataset(SLUG, paths, declarations=folders, data_dir=settings.data_dir)


def _families(pipeline: Pipeline, names: Sequence[str], origin: str) -> Iterator[Family]:
    """Those named, or all: first on the real pictures, where little is certain."""
    assignment = pipeline.catalog.assignments[SLUG]
    [part] = assignment.parts
    assert part.plan is not None
    extractor = SandboxExtractor(pipeline.sandbox)
    extracted = {
        path.stem: extractor.extract(path.read_text("utf-8"), assignment)
        for path in sorted(NETWORKS.glob("*.py"))
        if not names or path.stem in names
    }
    if missing := set(names) - set(extracted):
        sys.exit(f"No family is called {', '.join(sorted(missing))}: see --help.")
    for data in pipeline.trainer.datasets(SLUG):
        if origin in {"all", data.origin}:
            for name, found in extracted.items():
                model, plan = found.parts[part.name].model, found.choice.applied_to(part.plan)
                yield Family(name, model, plan, data, key_of(model, plan, data))


def _train(pipeline: Pipeline, families: Sequence[Family], folder: Path) -> None:
    """A few seeds of each in turn, so that whatever is known is known of all."""
    for first in range(0, MOST, TOGETHER):
        for family in families:
            rows = family.rows(read(folder))
            if first >= FIRST and not is_undecided(chance(family, rows)):
                continue
            known = {row.seed for row in rows}
            missing = [seed for seed in range(first, first + TOGETHER) if seed not in known]
            if missing:
                start = time.monotonic()
                runs = pipeline.trainer.sample(family.model, family.plan, family.data, missing)
                seconds = round((time.monotonic() - start) / len(runs), 1)
                fresh = [
                    Row(
                        family=family.name,
                        data=family.data.origin,
                        seed=run.seed,
                        key=family.key,
                        epochs=run.epochs,
                        training=run.history["accuracy"][-1] or 0.0,
                        test=run.accuracy,
                        by_averages=run.by_averages.test_accuracy if run.by_averages else None,
                        params=family.model.params,
                        seconds=seconds,
                    )
                    for run in runs
                ]
                append(folder, fresh)
                told = " ".join(f"{row.test:.3f}" for row in fresh)
                print(
                    f"{time.strftime('%H:%M:%S')} {family.name} {family.data.origin}, seeds {missing[0]} to {missing[-1]}"
                    f" of {FIRST if first < FIRST else MOST}: {told} ({seconds} s each)",
                    flush=True,
                )


def chance(family: Family, rows: Sequence[Row]) -> Estimate:
    """How likely it is that this right network fails, by what its seeds gave."""
    return Sample(np.array([row.test for row in rows]), is_right=True).wrong_verdict(family.plan)


def _tell(families: Sequence[Family], known: Sequence[Row]) -> int:
    """The table, in Markdown; 1 where a family may fail too often, or too little is known of it."""
    print("| family | parameters | data | seeds | lowest | mean | by averages | epochs | it fails | |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    lines = [line(family, family.rows(known)) for family in families]
    for cells, _ in lines:
        print(f"| {' | '.join(cells)} |")
    return 0 if all(is_fair for _, is_fair in lines) else 1


def line(family: Family, rows: Sequence[Row]) -> tuple[tuple[str, ...], bool]:
    """The cells of one family, and whether it fails rarely enough; `too few seeds yet` tell nothing of a tail."""
    first = (family.name, f"{family.model.params:,}", family.data.origin, str(len(rows)))
    if not rows:
        return (*first, "", "", "", "", "", "too few seeds yet"), False
    tests = [row.test for row in rows]
    own = [row.by_averages for row in rows if row.by_averages is not None]
    measured = (
        f"{min(tests):.3f}",
        f"{np.mean(tests):.3f}",
        f"{min(own):.3f} / {np.mean(own):.3f}" if own else "–",
        f"{np.mean([row.epochs for row in rows]):.1f}",
    )
    if len(rows) < FIRST:
        return (*first, *measured, "", "too few seeds yet"), False
    told = chance(family, rows)
    fair = is_rare(told)
    return (
        *first,
        *measured,
        f"{told.value:.1e} (at most {told.high:.1e})",
        "" if fair else "too often",
    ), fair


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
