"""A sample of `make chaos`: one fault of each kind on each deployment, with few students."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos.deployment import EMBEDDED, SERVERS, Deployment
from tests.chaos.family import tell
from tests.chaos.faults import FAULTS
from tests.chaos.scenario import play

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]


def kill_one_of_each(one: Deployment, *kinds: str) -> None:
    """One process of each kind is killed, two seconds apart."""
    for kind in kinds:
        assert tell(one.find(kind)[:1], signal.SIGKILL) == 1
        time.sleep(2)


def embedded(one: Deployment) -> None:
    kill_one_of_each(one, "web", "worker")


def servers(one: Deployment) -> None:
    kill_one_of_each(one, "web")
    assert one.postgres is not None
    one.postgres.end(signal.SIGQUIT)
    one.postgres.start()


@pytest.mark.parametrize(("kind", "fault"), [(EMBEDDED, embedded), (SERVERS, servers)])
def test_nothing_is_lost_doubled_wrong_or_stuck(kind: str, fault: Callable[[Deployment], None]) -> None:
    told = play("sample", fault, kind, count=6, every=0.5, before=1.5, workers=1)
    assert told.problems == []
    assert told.outcome.count == 6
    assert len(told.outcome.seconds) == 6


def test_every_fault_has_a_deployment() -> None:
    assert all(fault.deployments for fault in FAULTS.values())
    assert {kind for fault in FAULTS.values() for kind in fault.deployments} == {EMBEDDED, SERVERS}
