"""One worker's trainer of a test: `twin.py DATA_DIR EPOCHS [BROKER_URL]` trains one network and prints what came of it.

Says `ready` when its TensorFlow is imported, and begins when a line comes in, so that twins can begin together.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader import wire
from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.training import TrainingPlan
from grader.settings import load_settings
from workers.pipeline import open_trainer

SHARED = ("GRADER_RUN_CACHE_KEY_FILE", "GRADER_RUN_CACHE_RECHECK")
"""Variables of twins who share a Redis: the file with their key, and how many of the kept runs are trained again."""

MODEL = chain((32, 32, 3), Flatten(), Dense(8, activation="relu"), Dense(5, activation="softmax"))


def main(data_dir: str, epochs: str, broker_url: str = "") -> None:
    """Train once, and print the run as a line of JSON."""
    shared = {name: os.environ[name] for name in SHARED if name in os.environ}
    trainer = open_trainer(load_settings(shared, data_dir=Path(data_dir), broker_url=broker_url))
    trainer.rechecks.begin("01J")
    plan = TrainingPlan(
        "traffic-signs", int(epochs), 32, "adam", "categorical_crossentropy", samples=64, evaluate_test=True
    )
    data = trainer.dataset(plan.dataset)
    trainer.warm()
    trainer._process._process.wait_until_ready()
    print("ready", flush=True)
    sys.stdin.readline()
    print(wire.dumps(trainer.train(MODEL, plan, data)).decode(), flush=True)
    trainer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
