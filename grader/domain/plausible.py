"""Whether a run is one that a training by a plan can give: for who gets it from somebody that need not be believed."""

from __future__ import annotations

from grader.domain.training import ByAverages, SeededRun, TrainingPlan


def can_come_of(plan: TrainingPlan, run: SeededRun) -> bool:
    """Whether epochs, names and lengths of the curves are the plan's, and each accuracy a share in [0, 1]."""
    names = {"loss", "accuracy"}
    if plan.validation_samples or plan.validation_split:
        names |= {f"val_{name}" for name in names}
    tested = run.test_accuracy
    return (
        (run.epochs == plan.epochs or (plan.stopping is not None and 1 <= run.epochs < plan.epochs))
        and set(run.history) == names
        and all(len(curve) == run.epochs for curve in run.history.values())
        and all(_is_share(value) for name in names if "accuracy" in name for value in run.history[name])
        and (tested is not None) == plan.evaluate_test
        and _is_share(tested)
        and (run.by_averages is None or (tested is not None and _is_plausible(run.by_averages)))
    )


def _is_plausible(told: ByAverages) -> bool:
    return _is_share(told.test_accuracy) and told.steps > 0


def _is_share(value: float | None) -> bool:
    return value is None or 0 <= value <= 1
