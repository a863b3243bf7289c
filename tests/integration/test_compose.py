"""docker/compose.yaml as an operator starts it: both lanes with a guest each, no engine's socket, one submission of each verdict.

The commands are those of docs/operations.md, on a base image that was made on this machine. What the page writes into `.env`
is in the environment here, with other ports and names, so that nothing is written beside the file.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import urllib3
from docker.models.containers import Container
from redis.exceptions import NoPermissionError

from tests import shared
from tests.engine import PROJECT, Engine
from tests.images import BASE_IMAGE, wheels
from tests.instructions import blocks_of
from tests.person import Person
from tests.servers import free_port
from workers.sandbox import profile

pytestmark = pytest.mark.services

MODEL = """
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Flatten

def build_model():
    return Sequential([Flatten(input_shape=(32, 32, 3)), Dense(128, activation="relu"){more}, Dense(5, activation="softmax")])
"""
SUBMISSIONS = {
    "passed": MODEL.format(more=""),
    "failed": MODEL.format(more=', Dense(64, activation="relu")'),
    "invalid": "def build_model():\n    while True: pass\n",
}
NAME = "keras-grader-test"
PASSWORD = "correct horse battery staple"
HEALTHY_SECONDS = 180
GRADED_SECONDS = 180
ANSWER_SECONDS = 60


@dataclass
class Composed:
    """The running set, and how to speak to it."""

    engine: Engine
    environment: dict[str, str]
    address: str

    def compose(self, *words: str, check: bool = True) -> str:
        return self.type(shlex.join(["docker-compose", *words]), check=check)

    def type(self, line: str, *, check: bool = True, **more: str) -> str:
        """Type a line of the page."""
        answer = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=PROJECT / "docker",  # the old docker-compose looks for the seccomp profile where it is run
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert not check or answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-6000:]
        return answer.stdout

    def containers(self, name: str = "", *, stopped: bool = False) -> list[Container]:
        """Those of this set that run, or have stopped, whose name has this in it."""
        label = {"label": f"com.docker.compose.project={NAME}"}
        found = self.engine.client.containers.list(all=stopped, filters=label, ignore_removed=True)
        return [container for container in found if name in container.name]

    def ask(self, method: str, path: str, token: str = "", **fields: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # urllib3.request gives up after 3 s of its own accord; a password's hash takes longer on a machine full of tests.
        address = f"{self.address}/api/v1{path}"
        answer = urllib3.request(method, address, headers=headers, timeout=ANSWER_SECONDS, **fields)
        assert answer.status < 300, answer.data
        return answer.json()


def lines_of_the_page() -> list[str]:
    """What docs/operations.md tells an operator of containers to type."""
    blocks = blocks_of(PROJECT / "docs" / "operations.md")
    return [line for block in blocks if block.where == "containers" for line in block.text.splitlines()]


def line_with(words: str) -> str:
    (line,) = [line for line in lines_of_the_page() if words in line]
    return line


PASSWORDS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "REDIS_WORKER_PASSWORD", "REDIS_QUICK_PASSWORD")


@pytest.mark.parametrize("network", ["bridge", "host"])
@pytest.mark.parametrize("missing", ["", *PASSWORDS])
def test_every_password_is_asked_for_and_put_in(network: str, missing: str) -> None:
    """No engine is needed for that. An installation of an older release is told which it lacks, and what to read."""
    given = {name: f"<{name}>" for name in PASSWORDS if name != missing} | {"GRADER_PUBLIC_URL": "http://x"}
    kept = {name: value for name, value in os.environ.items() if name not in PASSWORDS}
    answer = subprocess.run(
        ["docker-compose", "-f", "compose.yaml", "-f", f"compose.{network}.yaml", "config"],
        cwd=PROJECT / "docker",
        env=kept | given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if missing:
        assert answer.returncode != 0
        assert f"${{{missing}:?set" in answer.stderr
        assert "REDIS_WORKER" not in missing or "Users of Redis in docs/operations.md" in answer.stderr
        return
    assert answer.returncode == 0, answer.stderr
    assert "${" not in answer.stdout
    for user, name in zip(("control", "worker", "worker-quick"), PASSWORDS[1:], strict=True):
        assert f"redis://{user}:<{name}>@" in answer.stdout


@pytest.fixture(scope="module")
def composed(engine: Engine, images: dict[str, str]) -> Iterator[Composed]:
    port = free_port()
    settings = {
        "COMPOSE_FILE": "compose.yaml:compose.host.yaml",
        "COMPOSE_PROJECT_NAME": NAME,
        "DOCKER_HOST": engine.url,
        "GRADER_BASE_IMAGE": BASE_IMAGE,
        "GRADER_WEB_IMAGE": images["web"],
        "GRADER_WORKER_IMAGE": images["worker"],
        "GRADER_GUEST_IMAGE": images["guest"],
        "REDIS_IMAGE": images["services"],
        "POSTGRES_IMAGE": images["services"],
        "POSTGRES_PASSWORD": "of-the-test",
        "REDIS_PASSWORD": "of-the-queue",
        "REDIS_WORKER_PASSWORD": "of-a-worker",
        "REDIS_QUICK_PASSWORD": "of-a-quick-worker",
        "GRADER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "GRADER_TRUSTED_PROXIES": "0",
        "GRADER_WEB_PORT": str(port),
        "REDIS_PORT": str(free_port()),
        "POSTGRES_PORT": str(free_port()),
    }
    service = Composed(engine, {**os.environ, **settings}, settings["GRADER_PUBLIC_URL"])
    try:
        with shared.one_at_a_time("images"), wheels() as links:
            # docker itself sends less than all of this folder, and finds the layers that `images` has made just now.
            how = {"COMPOSE_DOCKER_CLI_BUILD": "1", "DOCKER_BUILDKIT": "0"}
            service.type(line_with(" build "), PIP_FIND_LINKS=links, PIP_NO_INDEX="1", **how)
        service.type(line_with(" up "))
        service.type(f"timeout {HEALTHY_SECONDS} bash -c {shlex.quote(line_with('until '))}")
        yield service
    finally:
        print(service.compose("logs", "--no-color", "--tail", "60", check=False))
        service.compose("down", "--volumes", "--timeout", "5", check=False)


@pytest.fixture(scope="module")
def token(composed: Composed) -> str:
    await_health(composed)
    grader = ["exec", "-T", "web", "grader"]
    composed.compose(*grader, "user", "add", "ada@example.edu", "--name", "Ada", "--password", PASSWORD)
    composed.compose(*grader, "course", "create", "keras", "--assignment", "traffic-dense")
    composed.compose(*grader, "course", "member", "keras", "ada@example.edu")
    answer = composed.ask("POST", "/login", json={"email": "ada@example.edu", "password": PASSWORD})
    return str(answer["token"])


def test_the_page_leads_to_a_students_report(composed: Composed, token: str, tmp_path: Path) -> None:
    (link,) = re.findall(r"http\S+/link/\S+", composed.type(line_with("user add")))
    assert link.startswith(f"{composed.address}/link/")
    you = Person()
    you.sign_in_by(link, PASSWORD)
    you.fill_in(title="Deep learning", slug="keras-2026", rule="best")
    assert you.address == f"{composed.address}/courses/keras-2026/dashboard"
    (tmp_path / "roster.csv").write_text("email,name,role\nbo@example.edu,Bo Berg,\n")
    line = line_with("course import")
    for name in ("roster.csv", "links.tsv"):
        line = line.replace(name, str(tmp_path / name))
    composed.type(line)
    (student_link,) = re.findall(r"http\S+/link/\S+", (tmp_path / "links.tsv").read_text())
    bo = Person()
    bo.sign_in_by(student_link, PASSWORD)
    bo.follow("Traffic signs: a fully connected network")
    bo.fill_in(source=SUBMISSIONS["passed"])
    bo.wait_for("Nice work! Looks good!", GRADED_SECONDS)
    you.open(f"{composed.address}/")
    assert "Deep learning keras-2026 1 0" in you.text


def await_health(composed: Composed) -> None:
    """Wait until every container that has a health check passes it."""
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline:
        states = [container.attrs["State"] for container in composed.containers(stopped=True)]
        health = [state["Health"]["Status"] for state in states if "Health" in state]
        if health and set(health) == {"healthy"}:
            return
        time.sleep(0.5)
    pytest.fail(f"not healthy: {states}")


@pytest.mark.parametrize("verdict", SUBMISSIONS)
def test_a_submission_of_each_verdict(composed: Composed, token: str, verdict: str) -> None:
    body = {"assignment": "traffic-dense", "source": SUBMISSIONS[verdict]}
    submission = composed.ask("POST", "/submissions", token, json=body)
    deadline = time.monotonic() + GRADED_SECONDS
    while submission["state"] != "done":
        assert time.monotonic() < deadline, submission
        time.sleep(0.3)
        submission = composed.ask("GET", f"/submissions/{submission['id']}", token)
    report = submission["report"]
    assert report["verdict"] == verdict, json.dumps(report)[:2000]
    assert verdict != "invalid" or report["reason"] == "time_limit"


def test_no_container_holds_an_engines_socket(composed: Composed, token: str) -> None:
    for container in composed.containers():
        sources = [mount.get("Source", "") for mount in container.attrs["Mounts"]]
        assert not any("docker.sock" in source or "podman.sock" in source for source in sources)
        assert (
            container.attrs["HostConfig"]["ReadonlyRootfs"]
            or "redis" in container.name
            or "postgres" in container.name
        )


def test_the_queue_answers_nobody_without_a_password(composed: Composed, token: str) -> None:
    port = composed.environment["REDIS_PORT"]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(port)).keys()
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(port), password="of-the-queue").ping()
    assert redis.Redis(port=int(port), username="control", password="of-the-queue").ping()


@pytest.mark.parametrize(
    ("user", "password"), [("worker", "of-a-worker"), ("worker-quick", "of-a-quick-worker")]
)
def test_workers_read_no_words_of_others(composed: Composed, token: str, user: str, password: str) -> None:
    client = redis.Redis(port=int(composed.environment["REDIS_PORT"]), username=user, password=password)
    with pytest.raises(NoPermissionError):
        client.lrange("control", 0, -1)


def test_nothing_of_ours_was_refused(composed: Composed, token: str) -> None:
    """By the log that Redis keeps of it, but for what these tests try."""
    port = int(composed.environment["REDIS_PORT"])
    log = redis.Redis(port=port, username="control", password="of-the-queue").acl_log()
    tried = {"lrange", "client|setinfo"}
    refused = [entry for entry in log if entry["username"] != "default" and entry["object"] not in tried]
    assert refused == []


def test_the_guest_is_hardened_and_alone(composed: Composed, token: str) -> None:
    guests = composed.containers("guest")
    assert len(guests) == 2
    for guest in guests:
        assert_hardened(guest)


def assert_hardened(guest: Container) -> None:
    options = guest.attrs["HostConfig"]
    assert options["NetworkMode"] == "none"
    assert options["CapDrop"] == ["ALL"]
    assert sorted(name.removeprefix("CAP_") for name in options["CapAdd"]) == ["KILL", "SETGID", "SETUID"]
    assert options["Memory"] == options["MemorySwap"] > 0
    assert options["PidsLimit"] > 0
    (seccomp,) = [option for option in options["SecurityOpt"] if option.startswith("seccomp=")]
    assert json.loads(seccomp.removeprefix("seccomp=")) == json.loads(profile.text())
    assert all("nr_inodes=" in options["Tmpfs"][place] for place in ("/tmp", "/dev/shm"))
    assert not any(
        "SECRET" in item or "PASSWORD" in item or "DATABASE" in item for item in guest.attrs["Config"]["Env"]
    )


def test_the_worker_knows_no_secret_of_the_control_plane(composed: Composed, token: str) -> None:
    workers = composed.containers("worker")
    assert len(workers) == 2
    for worker in workers:
        known = worker.attrs["Config"]["Env"]
        assert not any("DATABASE" in item or "PASSWORD" in item or "of-the-queue" in item for item in known)
    quick, both = sorted(workers, key=lambda worker: "quick" not in worker.name)
    assert any("redis://worker-quick:of-a-quick-worker@" in item for item in quick.attrs["Config"]["Env"])
    assert any("redis://worker:of-a-worker@" in item for item in both.attrs["Config"]["Env"])


def test_quick_submissions_have_a_worker_of_their_own(composed: Composed, token: str) -> None:
    address = f"host=127.0.0.1 port={composed.environment['POSTGRES_PORT']} dbname=grader user=grader"
    with psycopg.connect(f"{address} password=of-the-test") as database:
        workers = database.execute("SELECT name, queues FROM workers").fetchall()
    assert sorted(queues for _, queues in workers) == ["grading", "grading,slow"]
    assert len({name for name, _ in workers}) == 2
