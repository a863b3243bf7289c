"""A file that somebody hands in, and reports as workers send them."""

from __future__ import annotations

from dataclasses import replace

from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.message import message
from grader.domain.model_spec import chain
from grader.domain.report import (
    NICE_WORK,
    CheckResult,
    DatasetStamp,
    DiffLine,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Timings,
    Verdict,
    feedback_of,
)
from grader.domain.training import SeededRun, TrainingRun

SOURCE = "import keras\n\n\ndef build_model():\n    return keras.Sequential()\n"


def passed_report():
    table = chain(
        (32, 32, 3), Flatten(), Dense(128), Activation("relu"), Dense(5), Activation("softmax")
    ).table()
    history = {
        "loss": (1.55, 0.82, 0.56), "accuracy": (0.5, 0.7, 0.8),
        "val_loss": (0.83, 0.4, 0.33), "val_accuracy": (0.8, 0.85, 1.0),
    }  # fmt: skip
    titles = ["takes pictures of 32 × 32 pixels in 3 colours", "layers come in the asked order", "learns"]
    checks = tuple(
        CheckResult(f"c{i}", "model", title, Outcome.PASSED, 3.0, 3.0) for i, title in enumerate(titles)
    )
    return Report(
        "traffic-dense", "sha256:0", Verdict.PASSED, 10.0, 10.0, NICE_WORK, checks=checks,
        parts=(PartReport("model", "build_model", table, TrainingRun((SeededRun(0, 3, history, 0.95),))),),
        provenance=Provenance("0.1.0", "3.15.1", "2.21.0", "bubblewrap", DatasetStamp("traffic-signs", "synthetic", "sha256:0")),
        timings=Timings(0.1, 0.2, 0.3, 0.6),
    )  # fmt: skip


def failed_report():
    told = CheckResult(
        "order", "model", "layers come in the asked order", Outcome.FAILED, 0.0, 3.0,
        message=message("wrong_order_missing", expected="Activation('softmax')", after="Dense(5)"),
        expected="Activation('softmax')", actual="the end of the model",
    )  # fmt: skip
    waiting = CheckResult(
        "learns", "model", "more than 50 % are right", Outcome.SKIPPED, 0.0, 4.0, needs=("order",)
    )
    diff = (DiffLine("same", "Dense(5)", "Dense(5)"), DiffLine("missing", "Activation('softmax')", None))
    part = replace(passed_report().parts[0], training=None, diff=diff)
    return Report(
        "traffic-dense", "sha256:0", Verdict.FAILED, 10.0, 3.0, feedback_of({"order": told}),
        checks=(told, waiting), parts=(part,),
    )  # fmt: skip
