"""`python -m workers --queues grading`: the process that `grader worker` and `grader serve` start."""

from __future__ import annotations

import argparse
import os

from grader import queue
from workers.celery_app import make_worker_app, run_worker, worker_settings


def main() -> None:
    """Read the command line and the environment (no database address, no key), then work."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queues", default=queue.GRADING)
    arguments = parser.parse_args()
    from workers.pipeline import open_pipeline

    settings = worker_settings(os.environ)
    run_worker(
        make_worker_app(settings, open_pipeline), tuple(arguments.queues.split(",")), settings.log_level
    )


if __name__ == "__main__":
    main()
