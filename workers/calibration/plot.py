"""The samples as a picture: how often each accuracy was reached, and where the threshold and its band lie."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.domain.training import TrainingPlan
from workers.calibration.record import Measured

COLOURS = {True: "#2b6cb0", False: "#c05621"}
BINS = [step / 50 for step in range(51)]


def draw(path: Path, title: str, measured: Sequence[Measured], plan: TrainingPlan) -> None:
    """Write a picture in the format of the file's name, a row for each data set; right networks blue, wrong ones orange."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    origins = list(dict.fromkeys(each.data.origin for each in measured))
    # Text stays text, and nothing in the file depends on the hour: the same samples give the same bytes.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": title, "font.size": 9}):
        figure, rows = plt.subplots(
            len(origins), 1, figsize=(7, 2.2 * len(origins)), sharex=True, squeeze=False
        )
        for axes, origin in zip(rows[:, 0], origins, strict=True):
            _row(axes, [each for each in measured if each.data.origin == origin], plan)
            axes.set_ylabel(f"share of seeds, {origin}")
        rows[-1, 0].set_xlabel("accuracy")
        rows[0, 0].set_title(title)
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
        plt.close(figure)


def _row(axes: Any, measured: Sequence[Measured], plan: TrainingPlan) -> None:
    for each in measured:
        values = each.sample.accuracies
        axes.hist(
            values,
            BINS,
            weights=[1 / len(values)] * len(values),
            histtype="step",
            color=COLOURS[each.is_right],
            label=f"{each.name} ({each.seeds})",
        )
    if plan.threshold is not None:
        axes.axvline(plan.threshold, color="black", linewidth=1)
        if plan.borderline is not None:
            band = (plan.threshold - plan.borderline.below, plan.threshold + plan.borderline.above)
            axes.axvspan(*band, color="black", alpha=0.1)
    axes.set_xlim(0, 1)
    axes.legend(fontsize=7, frameon=False)
