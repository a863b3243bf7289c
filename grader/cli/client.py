"""`login`, `submit` and `status`: a student against a server, on any system, with nothing but the base install."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import click

from grader.cli import session as server
from grader.cli.options import lang_option
from grader.cli.parts import data_dir_option
from grader.console import echo_json
from grader.domain.message import Param, message
from grader.language import LANGUAGES
from grader.messages import render

EXIT = {"passed": 0, "failed": 1, "invalid": 1, "grader_error": 3}
POLL_SECONDS = 0.3
SLOWEST_POLL_SECONDS = 3.0
STAGES = {
    "extract": "cli_extract",
    "check": "cli_check",
    "train": "cli_train",
    "score": "cli_score_stage",
}


@click.command()
@click.argument("url")
@click.option("--email", help="Your address; asked for when not given.")
@click.option("--token", help="Use this token instead of a password.")
def login(url: str, email: str | None, token: str | None) -> None:
    """Sign in to the server at URL and remember it.

    \b
    grader login https://grader.example.edu
    grader login http://127.0.0.1:8000 --email ada@example.edu
    """
    address = url.rstrip("/") if "://" in url else f"https://{url.rstrip('/')}"
    if token is None:
        address_of = email or click.prompt("E-mail")
        password = click.prompt("Password", hide_input=True)
        body = {"email": address_of, "password": password, "label": "grader login"}
        token = server.call(server.Session(address, ""), "POST", "/login", json=body)["token"]
    else:
        server.call(server.Session(address, token), "GET", "/assignments")
    path = server.save(server.Session(address, str(token)))
    click.echo(f"Signed in to {address}. The token is kept in {path}.")


@click.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--course", help="Which course, where you have several with this assignment.")
@click.option("--wait", is_flag=True, help="Wait for the feedback and show what happens meanwhile.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@lang_option(default=None)
def submit(slug: str, file: Path, course: str | None, *, wait: bool, as_json: bool, lang: str | None) -> None:
    """Hand in FILE (.py or .ipynb) for the assignment SLUG.

    \b
    grader submit traffic-dense solution.py
    grader submit traffic-dense homework.ipynb --wait
    """
    session = replace(server.load(), language=lang)
    tell = _tell_once_that_it_is_away(lang) if wait else None
    sent = server.hand_in(session, slug, file.name, file.read_bytes(), course, tell)
    if not wait:
        click.echo(json.dumps(sent) if as_json else _say(lang, "cli_look_with", id=sent["id"]))
        return
    _finish(_wait(session, sent["id"], quiet=as_json), as_json=as_json, lang=lang)


@click.command()
@click.argument("submission", metavar="[ID]", required=False)
@click.option("--wait", is_flag=True, help="Wait until it is graded.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@click.option("--service", is_flag=True, help="For operators, on the service's machine: is it grading?")
@data_dir_option
@lang_option(default=None)
def status(
    submission: str | None,
    *,
    wait: bool,
    as_json: bool,
    service: bool,
    data_dir: Path | None,
    lang: str | None,
) -> None:
    """Show the submission ID: where it stands, or its feedback. With --service: how the whole service stands.

    \b
    grader status 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2
    grader status --service --data-dir /var/lib/grader
    grader status --service --json | jq .lanes.quick.stopped_since

    Exit status with --service: 0 all as expected; 1 uploads are not taken, a lane does not drain, the broker is away or
    workers disagree; 2 no such service; 3 a database of another release; 5 the database does not answer.
    """
    if service and submission is None and not wait:
        from grader.cli.status import show_service

        show_service(data_dir, as_json=as_json)
    if service or submission is None:
        raise click.UsageError("Name one submission, or say --service without one.")
    if data_dir is not None:
        raise click.UsageError("--data-dir belongs to --service; a submission is looked up on the server.")
    session = replace(server.load(), language=lang)
    found = server.call(session, "GET", f"/submissions/{submission}")
    if wait and found["state"] != "done":
        found = _wait(session, submission, quiet=as_json)
    _finish(found, as_json=as_json, lang=lang)


def _wait(session: server.Session, submission: str, *, quiet: bool) -> dict[str, Any]:
    from rich.console import Console

    console = Console(stderr=True, quiet=quiet)
    pause, tell = POLL_SECONDS, _tell_once_that_it_is_away(session.language)
    with console.status(_say(session.language, "cli_handed_in")) as shown:
        while True:
            found = server.call_patiently(session, "GET", f"/submissions/{submission}", tell)
            if found["state"] == "done":
                return found
            shown.update(_where(found, session.language))
            time.sleep(pause)
            pause = min(SLOWEST_POLL_SECONDS, pause * 1.1)


def _tell_once_that_it_is_away(lang: str | None) -> Callable[[], None]:
    return cache(lambda: click.echo(_say(lang, "cli_away"), err=True))


def _where(found: dict[str, Any], lang: str | None) -> str:
    if found["state"] == "queued":
        stage = message("cli_in_line", position=found["position"])
    else:
        stage = message(STAGES.get(found["stage"], "cli_at_work"))
    seconds = found.get("expected_s")
    if found.get("waits_for"):
        return _say(lang, f"waits_for_{found['waits_for']}")
    if found.get("stopped_since"):
        since = str(found["stopped_since"])[:16].replace("T", " ")
        return _say(lang, "cli_stopped", since=f"{since} UTC")
    return (
        _say(lang, "cli_to_go", stage=stage, seconds=seconds)
        if seconds
        else _say(lang, stage.code, **stage.params)
    )


def _say(lang: str | None, code: str, **params: Param) -> str:
    return render(message(code, **params), lang or LANGUAGES[0])


def _finish(found: dict[str, Any], *, as_json: bool, lang: str | None) -> None:
    """Print, and end with the exit status of the verdict."""
    report = found["report"]
    if as_json:
        echo_json(json.dumps(found, ensure_ascii=False))
    elif report is None:
        click.echo(_where(found, lang))
    else:
        _print(report, found.get("staff_hint"), lang or report.get("language"))
    if report is not None:
        raise SystemExit(EXIT[report["verdict"]])


def _print(report: dict[str, Any], staff_hint: str | None, lang: str | None) -> None:
    verdict = message(f"verdict_{report['verdict']}")
    code = "cli_no_score" if report["score"] is None else "cli_score"
    told = _say(lang, code, verdict=verdict, score=report["score"], max_score=report["max_score"])
    click.echo(f"{told}\n")
    click.echo(report["feedback"])
    if staff_hint:
        click.echo(_say(lang, "cli_from_teachers", text=staff_hint))
    marks = {"passed": "✓", "failed": "✗", "skipped": "–", "broken": "!"}
    if report["checks"]:
        click.echo("")
    for check in report["checks"]:
        click.echo(f"  {marks[check['outcome']]} {check['title'] or _say(lang, 'cli_hidden_check')}")
    for part in report["parts"]:
        if part["diff"]:
            _print_comparison(part["diff"], lang)
    for note in report["notes"]:
        click.echo("\n" + _say(lang, "cli_note", text=note))


def _print_comparison(lines: list[dict[str, Any]], lang: str | None) -> None:
    from rich.console import Console

    from grader.cli.comparison import side_by_side

    Console().print(side_by_side(lines, lang))
