"""`python -m workers --queues grading`: the process that `grader worker` and `grader serve` start."""

from __future__ import annotations

import argparse
import os
import sys

from grader import queue
from grader.domain.errors import AuthorError, SandboxUnavailable
from grader.settings import Settings
from workers.celery_app import make_worker_app, run_worker, worker_settings

OUR_FAULT = 3


def main() -> None:
    """Read the command line and the environment (no database address, no key), try the sandbox, then work."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queues", default=queue.GRADING)
    parser.add_argument("--check", action="store_true", help="only say whether this machine can grade")
    arguments = parser.parse_args()
    settings = worker_settings(os.environ)
    complaint = what_is_wrong(settings)
    if complaint:
        sys.stderr.write(f"{complaint}\n")
        sys.exit(OUR_FAULT)
    if not arguments.check:
        from workers.pipeline import open_pipeline

        app = make_worker_app(settings, open_pipeline)
        run_worker(app, tuple(arguments.queues.split(",")), settings.log_level)


def what_is_wrong(settings: Settings) -> str:
    """Why this machine cannot grade, and what to do about it; empty where it can. Runs the sandbox once."""
    from workers.pipeline import open_pipeline

    try:
        pipeline = open_pipeline(settings)
        pipeline.sandbox.probe()
        pipeline.close()
    except (SandboxUnavailable, AuthorError) as error:
        return str(error)
    missing = ", ".join(pipeline.sandbox.degraded)
    if missing and not settings.allow_degraded_sandbox:
        return (
            f"The sandbox works, but without: {missing}. Student code could use more than its limits. "
            "Put that right, or accept it with GRADER_ALLOW_DEGRADED_SANDBOX=yes."
        )
    return ""


if __name__ == "__main__":
    main()
