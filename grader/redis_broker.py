"""The broker of several machines: kombu's Redis transport, which does not end over a message that is none.

Kombu 5.7 reads what it pops outside of every guard: one item that is no JSON, or JSON of another shape, ends the worker that
pops it, and each is popped by another one. And it keeps what consumers have not acknowledged in keys that all share, where
one worker reads what another has in hand: here each group of consumers has keys of its own, so that users of Redis can be
told apart by prefix (docker/redis-users.acl).
"""

from __future__ import annotations

import logging
import sys
from queue import Empty
from typing import Any

from amqp.protocol import queue_declare_ok_t  # type: ignore[import-untyped]
from celery import Celery
from kombu.transport import redis
from redis import Redis
from redis.exceptions import DataError, NoPermissionError

from grader.punctual import Punctual
from grader.redis_client import PLAIN, Lease
from grader.sound import Corrupt, SoundMessage, TrueQueues, raw_of, tell

PUT_ASIDE = "grader-corrupt"
MOST_PUT_ASIDE = 1000
LONGEST = 65536
ANSWER_SECONDS = 2.0
NOT_ALLOWED = 3
"""The status of a worker that cannot work here, whoever starts it again."""

log = logging.getLogger(__name__)


def keys_of(group: str) -> dict[str, str]:
    """Transport options: where those who consume the same queues keep what they have in hand, and what is corrupt."""
    kept = ("unacked", "unacked_index", "unacked_mutex")
    return {f"{name}_key": f"{name}:{group}" for name in kept} | {"put_aside_key": put_aside_key(group)}


def put_aside_key(group: str) -> str:
    """The list of what was no message in the queues of a group."""
    return f"{PUT_ASIDE}:{group}"


def end_where_refused(app: Celery) -> None:
    """End this process with `NOT_ALLOWED`, and say why, where its user of Redis may not consume what its app is to."""
    complaint = what_is_refused(app)
    if complaint:
        log.critical("this worker ends: %s", complaint)
        sys.exit(NOT_ALLOWED)


def what_is_refused(app: Celery) -> str:
    """Why the user of Redis may not consume what this app is to, by its options of `keys_of`; empty where it may, or nobody answers."""
    key = app.conf.broker_transport_options.get("unacked_key")

    def ask() -> None:
        with app.connection_for_read(connect_timeout=ANSWER_SECONDS) as connection:
            connection.default_channel.client.hget(key, "")

    try:
        if key is not None:
            Punctual(ANSWER_SECONDS).do(ask)
    except NoPermissionError:
        return f"the user of GRADER_BROKER_URL may not use {key}: docs/operations.md, Users of Redis, says which user takes which queues"
    except Exception as error:  # noqa: BLE001 - one that is away is waited for by Celery
        log.warning("nobody knows yet what may be consumed: %s", error)
    return ""


class Client(Redis):
    """Takes its locks without Lua."""

    def lock(self, name: str, timeout: float | None = None) -> Lease:  # type: ignore[override]
        """Redis's `lock`, of another class."""
        return Lease(self, name, timeout)


class QoS(redis.QoS):  # type: ignore[misc]
    """What a consumer has in hand. What cannot be put back is put aside, and ends nobody over and over."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        """Put a message back where it came from: a worker may have written into its group's that it came from elsewhere."""
        try:
            super().restore_by_tag(tag, client, leftmost)
        except (ValueError, TypeError, DataError, NoPermissionError) as error:
            self._remove_from_indices(tag).execute()
            self.channel.put_aside(self.unacked_key, Corrupt(f"{tag}: {error}"))


class Channel(redis.Channel):  # type: ignore[misc]
    """What is corrupt goes into a list of its own, the newest first, of limited length.

    Every queue hangs on the nameless exchange: no table of bindings is written, or read, where another could add to it.
    One priority: a queue is one key.
    """

    Message = SoundMessage
    QoS = QoS
    priority_steps = (0,)
    put_aside_key = PUT_ASIDE
    from_transport_options = (*redis.Channel.from_transport_options, "put_aside_key")

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except ValueError as error:
            self.put_aside("a queue", error)
            raise Empty from error

    def _get(self, queue: str) -> Any:
        try:
            return super()._get(queue)
        except ValueError as error:
            self.put_aside(queue, error)
            raise Empty from error

    def put_aside(self, queue: str, error: ValueError) -> None:
        """Keep what was in `queue` and is no message."""
        tell(queue, error)
        with self.conn_or_acquire() as connected:
            connected.lpush(self.put_aside_key, raw_of(error)[:LONGEST])
            connected.ltrim(self.put_aside_key, 0, MOST_PUT_ASIDE - 1)

    def queue_declare(self, queue: str = "", passive: bool = False, **more: Any) -> Any:
        """Nothing is asked, since a list is there with its first message: who may only write to it cannot be told its length."""
        if passive:
            return super().queue_declare(queue, passive, **more)
        self._new_queue(queue, **more)
        return queue_declare_ok_t(queue, 0, 0)

    def _queue_bind(self, *_binding: Any) -> None:
        """Nothing: see above."""

    def get_table(self, exchange: str) -> list[Any]:
        """What this process itself has bound."""
        return list(self.state.exchanges[exchange]["table"])

    def _get_client(self) -> type[Client]:
        return Client

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        return {**super()._connparams(asynchronous), **PLAIN}


class Transport(TrueQueues, redis.Transport):  # type: ignore[misc]
    """Kombu's entry: `broker_transport = "grader.redis_broker:Transport"`."""

    Channel = Channel
