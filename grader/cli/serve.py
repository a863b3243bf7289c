"""`serve`, `web` and `worker`: the processes of the service."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click

from grader.cli.parts import data_dir_option, open_parts, settings_for

THREADS = 8


@click.command()
@click.option("--port", default=8000, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Grading workers; by default as many as cores and memory allow, at most two where they stay warm. With two, quick submissions never wait for slow ones.",
)
@data_dir_option
def serve(port: int, host: str, workers: int | None, data_dir: Path | None) -> None:
    """Run web server, control worker and grading workers on this machine; nothing else is needed.

    \b
    grader serve
    grader serve --port 0 --data-dir /var/lib/grader
    """
    parts = open_parts(data_dir)
    from grader.cli.supervisor import Service

    raise SystemExit(Service(parts, host, port, workers).run())


@click.command()
@click.option("--port", default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--socket", "descriptor", type=int, hidden=True, help="An open socket to listen on instead.")
@click.option(
    "--threads",
    default=THREADS,
    show_default=True,
    help="Requests that are answered at the same time; any number may be on their way.",
)
@data_dir_option
def web(port: int, host: str, descriptor: int | None, threads: int, data_dir: Path | None) -> None:
    """Run the web server only; workers run elsewhere.

    \b
    GRADER_DATABASE_URL=postgresql+psycopg://… GRADER_BROKER_URL=redis://… grader web --host 0.0.0.0
    """
    from grader.cli.listening import listen
    from grader.telemetry import set_up_logging
    from grader.web.server import run_web

    parts = open_parts(data_dir)
    set_up_logging(parts.settings.log_level)
    listening = listen(host, port) if descriptor is None else socket.socket(fileno=descriptor)
    run_web(parts.settings, listening, threads)


@click.command()
@click.option(
    "--queues",
    default="grading,slow",
    show_default=True,
    help="Lanes to grade (grading, slow), or control (needs the database; sends webhooks, too).",
)
@data_dir_option
def worker(queues: str, data_dir: Path | None) -> None:
    """Run one worker: `grading` and `slow` run submissions, `control` writes down what comes out.

    What takes long moves to the lane `slow` by itself. Where there are several workers, let one or more take
    `grading` alone, so that quick submissions never wait.

    \b
    grader worker
    grader worker --queues grading
    grader worker --queues control
    """
    names = tuple(name.strip() for name in queues.split(",") if name.strip())
    control = {"control", "webhooks"}
    if set(names) & control and set(names) - control:
        message = "One process either runs submissions or knows the database: start two workers."
        raise click.UsageError(message)
    if names == ("control",):
        names = ("control", "webhooks")
    if not set(names) & control:
        become_grading_worker(",".join(names), data_dir)
    from grader.tasks import run_control_worker
    from grader.telemetry import set_up_logging

    parts = open_parts(data_dir)
    set_up_logging(parts.settings.log_level)
    run_control_worker(parts, names, parts.settings.log_level)


def become_grading_worker(queues: str, data_dir: Path | None) -> None:
    """Turn this process into a grading worker, without the two settings that only the control plane may know."""
    environ = grading_environ(dict(os.environ), settings_for(data_dir).data_dir)
    os.execve(sys.executable, [sys.executable, "-m", "workers", "--queues", queues], environ)  # noqa: S606


def grading_environ(environ: dict[str, str], data_dir: Path) -> dict[str, str]:
    """The environment of a grading worker: no database address, no key, no token."""
    secret = {"GRADER_DATABASE_URL", "GRADER_SECRET_KEY_FILE", "GRADER_METRICS_TOKEN_FILE"}
    kept = {name: value for name, value in environ.items() if name not in secret}
    return kept | {"GRADER_DATA_DIR": str(data_dir)}
