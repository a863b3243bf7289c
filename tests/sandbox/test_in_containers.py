"""bubblewrap inside a container of an engine: where it may work it does, else the cause is the one that is told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import shared
from tests.engine import Engine
from tests.images import BASE_IMAGE, make_base

pytestmark = pytest.mark.sandbox

PROJECT = Path(__file__).resolve().parents[2]
# As the sentences name them.
NO_FILTER = ("--security-opt", "seccomp=unconfined")
WHOLE_PROC = ("--security-opt", "systempaths=unconfined")
SOMEBODY = "1000:1000"
SHOWN = {
    Path("/usr"): "/usr",
    PROJECT / "workers": "/src/workers",
    PROJECT / "grader": "/src/grader",
}


@pytest.fixture(scope="module")
def base(engine: Engine) -> str:
    """A Debian with Python; programs are this machine's own."""
    with shared.one_at_a_time("images"):
        make_base(engine)
    return BASE_IMAGE


def ask(engine: Engine, image: str, *options: str) -> dict[str, Any]:
    """What the entry point of the installer says in there."""
    shown = [word for seen, place in SHOWN.items() for word in ("--volume", f"{seen}:{place}:ro")]
    words = ["docker", "--host", engine.url, "run", "--rm", "--network", "none", "--workdir", "/src", *shown]
    said = subprocess.run(
        [*words, *options, image, "/usr/bin/python3", "-B", "-m", "workers.sandbox", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    answer: dict[str, Any] = json.loads(said.stdout or said.stderr)
    assert said.returncode == (0 if answer["works"] else 3)
    return answer


@pytest.mark.parametrize("user", ["0:0", SOMEBODY], ids=["root", "user"])
@pytest.mark.parametrize(
    ("security", "cause", "advice"),
    [
        ((), "namespaces", "--security-opt seccomp=unconfined and --security-opt systempaths=unconfined"),
        (NO_FILTER, "proc", "--security-opt systempaths=unconfined"),
    ],
    ids=["as it is", "no filter"],
)
def test_what_stands_in_the_way_is_told(
    engine: Engine, base: str, user: str, security: tuple[str, ...], cause: str, advice: str
) -> None:
    answer = ask(engine, base, "--user", user, *security)
    assert (answer["works"], answer["cause"]) == (False, cause)
    assert advice in answer["text"]


def test_without_bubblewrap_that_is_told(engine: Engine, base: str) -> None:
    answer = ask(engine, base, "--env", "PATH=/nowhere", *NO_FILTER, *WHOLE_PROC)
    assert (answer["works"], answer["cause"]) == (False, "no-bubblewrap")
    assert "apt install bubblewrap" in answer["text"]


@pytest.mark.parametrize(
    ("user", "users"),
    # Root of a container may change users, though nothing else of a machine's root; anybody else has no ids to give.
    [("0:0", "own"), (SOMEBODY, "one")],
    ids=["root", "user"],
)
def test_with_the_two_options_it_works(engine: Engine, base: str, user: str, users: str) -> None:
    answer = ask(engine, base, "--user", user, *NO_FILTER, *WHOLE_PROC)
    assert (answer["works"], answer["sandbox"], answer["users"]) == (True, "bubblewrap", users)
    assert answer["degraded"] == ["memory", "cpu"]
    assert "no hard limit of a whole submission's memory and cpu" in answer["text"]


def test_root_who_may_mount_but_has_no_network_of_his_own(engine: Engine, base: str) -> None:
    """More powers than a container's root has, but not all that the machine's way needs."""
    answer = ask(engine, base, "--cap-add", "SYS_ADMIN", *NO_FILTER, *WHOLE_PROC)
    assert (answer["works"], answer["users"]) == (True, "own")
