"""Faults, by name: each is let loose on a running service and comes back when it is over."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.chaos import outside, queues
from tests.chaos.deployment import EMBEDDED, SERVERS, Deployment
from tests.chaos.family import below, tell

BOTH = (EMBEDDED, SERVERS)
BETWEEN_KILLS = 8.0
AWAY = 40.0


@dataclass(frozen=True)
class Fault:
    """What it does, and where it can happen; `wait` bounds what comes after it, in seconds."""

    happen: Callable[[Deployment], None]
    deployments: tuple[str, ...] = BOTH


def kill(kind: str, times: int = 3, most: int | None = None) -> Callable[[Deployment], None]:
    """SIGKILL processes of a kind, `most` of them at once, again and again; an effective kill counts."""

    def happen(one: Deployment) -> None:
        for number in range(times):
            if number:
                time.sleep(BETWEEN_KILLS)
            until = time.monotonic() + AWAY
            while not tell(one.find(kind)[:most], signal.SIGKILL) and time.monotonic() < until:
                time.sleep(0.1)

    return happen


def kill_at_work(kind: str, times: int = 3) -> Callable[[Deployment], None]:
    """The same for what is around a job, at moments when a job runs in it."""

    def happen(one: Deployment) -> None:
        for _ in range(times):
            until = time.monotonic() + AWAY
            while not tell(_around_jobs(one, kind)[:1], signal.SIGKILL) and time.monotonic() < until:
                time.sleep(0.2)
            time.sleep(1)

    return happen


def _around_jobs(one: Deployment, kind: str) -> list[int]:
    """A supervisor has a child for as long as a job runs, and its `bwrap` is its parent."""
    tree = dict(below(one.root))
    busy = [pid for pid in one.find("supervisor") if pid in tree.values()]
    return busy if kind == "supervisor" else [tree[pid] for pid in busy]


def pause(kind: str, seconds: float = 60.0) -> Callable[[Deployment], None]:
    """SIGSTOP all of a kind for so long."""

    def happen(one: Deployment) -> None:
        pids = one.find(kind)
        tell(pids, signal.SIGSTOP)
        time.sleep(seconds)
        tell(pids, signal.SIGCONT)

    return happen


def restart_machine(one: Deployment) -> None:
    """Everything ends at the same moment, servers too, and is started again."""
    one.kill_all()
    for server in (one.redis, one.postgres):
        if server is not None:
            server.end(signal.SIGQUIT if server is one.postgres else signal.SIGKILL)
            server.start()
    one.start()


def stop_and_start(one: Deployment) -> None:
    """An operator restarts the service in the middle of the work."""
    one.stop()
    one.start()


def step_clock(*steps: float) -> Callable[[Deployment], None]:
    """Set the control plane's clock off by so many seconds, for 20 s each, and right again; a worker dies at each step."""

    def happen(one: Deployment) -> None:
        for step in (*steps, 0.0):
            (one.folder / "clock").write_text(str(step), encoding="utf-8")
            tell(one.find("grading")[:1], signal.SIGKILL)
            time.sleep(20)

    return happen


FAULTS: Mapping[str, Fault] = {
    "nothing": Fault(lambda _one: None),
    "kill -9 web": Fault(kill("web")),
    "kill -9 control": Fault(kill("control")),
    "kill -9 serve": Fault(kill("serve", 1)),
    "kill -9 one grading worker": Fault(kill("worker", 3, 1)),
    "kill -9 one grading child": Fault(kill("grading", 3, 1)),
    "kill -9 all grading workers": Fault(kill("worker", 2)),
    "kill -9 trainers": Fault(kill("trainer")),
    "kill -9 bwrap": Fault(kill_at_work("bwrap")),
    "kill -9 supervisors": Fault(kill_at_work("supervisor")),
    "machine restart": Fault(restart_machine),
    "SIGTERM serve": Fault(stop_and_start),
    "control stopped 60 s": Fault(pause("control")),
    "web stopped 20 s": Fault(pause("web", 20)),
    "grading children stopped 60 s": Fault(pause("grading")),
    "supervisors stopped 60 s": Fault(pause("supervisor")),
    "clock +1 h, −1 h": Fault(step_clock(3600.0, -3600.0)),
    "corrupt messages": Fault(queues.corrupt),
    "every message twice": Fault(queues.double, (SERVERS,)),
    "queue emptied": Fault(queues.empty),
    "two control workers": Fault(outside.second_control),
    "network cut to one worker": Fault(outside.cut_network, (SERVERS,)),
    "migration while rows wait": Fault(outside.migrate),
    "SQLite locked 40 s": Fault(outside.lock_sqlite, (EMBEDDED,)),
    "disk full 40 s": Fault(outside.fill_disk, (EMBEDDED,)),
    "Redis kill -9": Fault(outside.redis_away(0.0, 3), (SERVERS,)),
    "Redis away 40 s": Fault(outside.redis_away(AWAY), (SERVERS,)),
    "Redis stopped 60 s": Fault(outside.redis_hangs, (SERVERS,)),
    "Redis full 30 s": Fault(outside.redis_full, (SERVERS,)),
    "PostgreSQL away 40 s": Fault(outside.postgres_away, (SERVERS,)),
    "PostgreSQL read-only 30 s": Fault(outside.postgres_reads_only, (SERVERS,)),
    "PostgreSQL connections used up 30 s": Fault(outside.connections_used_up, (SERVERS,)),
}
