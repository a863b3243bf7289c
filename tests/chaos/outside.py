"""Faults of what the service stands on: database, disk, broker, network; and operators' work beside it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import psycopg
import redis
from alembic import command
from alembic.config import Config

from grader.db.migrate import MIGRATIONS
from tests.chaos.deployment import ROOT, Deployment
from tests.chaos.family import tell
from tests.chaos.relay import Relay
from tests.integration.full_disk import fill
from tests.shared import UNTIL_WE_END


def redis_away(seconds: float, times: int = 1) -> Callable[[Deployment], None]:
    """SIGKILL; what it had in memory is lost. It comes back empty."""

    def happen(one: Deployment) -> None:
        assert one.redis is not None
        for _ in range(times):
            one.redis.end(signal.SIGKILL)
            time.sleep(seconds)
            one.redis.start()
            time.sleep(5)

    return happen


def redis_hangs(one: Deployment) -> None:
    """It takes connections and answers nobody, for a minute."""
    assert one.redis is not None
    one.redis.process.send_signal(signal.SIGSTOP)
    time.sleep(60)
    one.redis.process.send_signal(signal.SIGCONT)


def redis_full(one: Deployment) -> None:
    """It refuses whatever would make it larger, for 30 s."""
    assert one.redis is not None
    with redis.Redis.from_url(one.redis.address) as client:
        client.config_set("maxmemory", "1")
        time.sleep(30)
        client.config_set("maxmemory", "0")


def postgres_away(one: Deployment) -> None:
    """It ends at once, and is back after 40 s."""
    assert one.postgres is not None
    one.postgres.end(signal.SIGQUIT)
    time.sleep(40)
    one.postgres.start()


def postgres_reads_only(one: Deployment) -> None:
    """For 30 s, open connections included."""
    _set_read_only(one, "on")
    time.sleep(30)
    _set_read_only(one, "off")


def _set_read_only(one: Deployment, word: str) -> None:
    with psycopg.connect(_maintenance(one), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {word}".encode())
        connection.execute("SELECT pg_reload_conf()")


def connections_used_up(one: Deployment) -> None:
    """Somebody else holds every connection that the server gives to ordinary users, for 30 s; it must be felt."""
    with psycopg.connect(_maintenance(one), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS greedy")
        connection.execute("CREATE ROLE greedy LOGIN SUPERUSER")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'grader'")
        with ExitStack() as held:
            until = time.monotonic() + 30
            refused = 0
            while time.monotonic() < until:
                try:
                    greedy = psycopg.connect(
                        _maintenance(one).replace("grader@", "greedy@"), connect_timeout=5
                    )
                    held.enter_context(greedy)
                except psycopg.OperationalError:
                    refused += 1
                    time.sleep(0.2)
                    with suppress(psycopg.Error):
                        connection.execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'grader'"
                        )
            if not refused:
                raise AssertionError("the connections were never used up")


def lock_sqlite(one: Deployment) -> None:
    """Somebody holds the write lock for 40 s."""
    connection = sqlite3.connect(one.data_dir / "grader.db", timeout=30, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    time.sleep(40)
    connection.execute("ROLLBACK")
    connection.close()


def fill_disk(one: Deployment) -> None:
    """The data folder's own small disk is full for 40 s."""
    filler = one.data_dir / "filler"
    fill(filler)
    time.sleep(40)
    filler.unlink()


def second_control(one: Deployment) -> None:
    """A second control worker works beside the first for 30 s, and the first is killed meanwhile."""
    process = _start(one, "worker", "--queues", "control,webhooks")
    time.sleep(15)
    tell(one.find("control"), signal.SIGKILL)
    time.sleep(15)
    process.terminate()
    process.wait(60)


def cut_network(one: Deployment) -> None:
    """One more worker, whose way to Redis is cut for 40 s while it works; nothing is refused, nothing arrives."""
    assert one.redis is not None
    with Relay(one.redis.address) as relay:
        process = _start(one, "worker", GRADER_BROKER_URL=relay.address)
        time.sleep(25)
        relay.cut()
        time.sleep(40)
        relay.mend()
        time.sleep(10)
        process.terminate()
        process.wait(60)


def migrate(one: Deployment) -> None:
    """Everything ends while rows wait; the database is as the release before left it, and a start brings it up to date."""
    tell(one.find("grading"), signal.SIGSTOP)
    time.sleep(5)
    one.kill_all()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with one.parts.database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    one.start()


def _start(one: Deployment, *words: str, **settings: str) -> subprocess.Popen[bytes]:
    command = [*UNTIL_WE_END, sys.executable, "-m", "grader.cli", *words, "--data-dir", str(one.data_dir)]
    with (one.folder / "more.log").open("ab") as log:
        return subprocess.Popen(command, env=one.environ | settings, stdout=log, stderr=log, cwd=ROOT)


def _maintenance(one: Deployment) -> str:
    assert one.postgres is not None
    return f"{one.postgres.address.replace('+psycopg', '')}/postgres"
