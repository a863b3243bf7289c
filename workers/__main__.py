"""`python -m workers --queues grading,slow`: the process that `grader worker` and `grader serve` start."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from grader import queue
from grader.domain.errors import AuthorError, SandboxUnavailable
from grader.private import private_folder
from grader.settings import Settings
from grader.telemetry import set_up_logging
from workers.celery_app import make_worker, run_worker, worker_settings
from workers.sandbox.base import Sandbox
from workers.sandbox.self_test import examine

log = logging.getLogger("workers")

OUR_FAULT = 3


def main() -> None:
    """Read the command line and the environment (no database address, no key), try the sandbox, then work."""
    parser = argparse.ArgumentParser(prog="python -m workers", description=__doc__)
    parser.add_argument("--queues", default=",".join(queue.LANES))
    parser.add_argument("--check", action="store_true", help="only say whether this machine can grade")
    parser.add_argument("--examined", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    settings = worker_settings(os.environ)
    set_up_logging(settings.log_level)
    complaint = what_is_wrong(settings, is_examined=arguments.examined)
    if complaint:
        sys.stderr.write(f"{complaint}\n")
        sys.exit(OUR_FAULT)
    if not arguments.check:
        from grader.catalog import load_catalog
        from workers.pipeline import open_warm_pipeline

        catalog = load_catalog(settings.assignments_dirs)
        can = {slug: assignment.version for slug, assignment in catalog.assignments.items()}
        worker = make_worker(settings, open_warm_pipeline)
        run_worker(worker, tuple(arguments.queues.split(",")), settings.log_level, can)


def what_is_wrong(settings: Settings, *, is_examined: bool = False) -> str:
    """Why this machine cannot grade, and what to do about it; empty where it can.

    Tries to get out of the sandbox, unless whoever starts this worker has just done so with the same settings.
    """
    from workers.pipeline import open_pipeline

    try:
        pipeline = open_pipeline(settings)
    except (SandboxUnavailable, AuthorError) as error:
        return str(error)
    try:
        missing = _missing(pipeline.sandbox, settings)
        return missing or ("" if is_examined else _self_test(pipeline.sandbox, settings))
    except SandboxUnavailable as error:
        return str(error)
    finally:
        pipeline.close()


def _missing(sandbox: Sandbox, settings: Settings) -> str:
    missing = ", ".join(sandbox.degraded)
    if not missing or settings.allow_degraded_sandbox:
        return ""
    return (
        f"The sandbox works, but without: {missing}. Student code could use more than its limits. "
        "Put that right, or accept it with GRADER_ALLOW_DEGRADED_SANDBOX=yes."
    )


def _self_test(sandbox: Sandbox, settings: Settings) -> str:
    private_folder(settings.data_dir)
    findings = examine(sandbox, [settings.data_dir, Path("~").expanduser()])
    log.log(logging.ERROR if findings.complaint else logging.INFO, findings.line)
    return findings.complaint


if __name__ == "__main__":
    main()
