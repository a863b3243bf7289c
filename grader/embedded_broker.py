"""The embedded broker: kombu's filesystem transport, with its races repaired.

Kombu 5.7's own channel shows a message's name before its bytes are written, moves a message to the system's temporary
folder (a copy where that is another file system, so two readers may get it), keeps a shared table of bindings that is
truncated before it is locked, and sorts by an unpadded clock that a reboot resets. Here every step is one `rename`
inside one file system, names sort by time, and a message handed back says so.
"""

from __future__ import annotations

import json
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem, virtual

from grader.sound import SoundMessage, TrueQueues, tell

UNFINISHED_SECONDS = 600.0
"""No writer takes as long over one message."""


def remove_older(folder: Path, seconds: float) -> int:
    """Remove unfinished messages whose writers are gone; how many."""
    before, removed = time.time() - seconds, 0
    for path in folder.glob("*.new"):
        with suppress(FileNotFoundError):  # its writer has finished it at this moment
            if path.stat().st_mtime < before:
                path.unlink()
                removed += 1
    return removed


def put_aside(claimed: Path) -> Path:
    """The folder of messages that are none, beside that of claimed ones."""
    folder = claimed.with_name("corrupt")
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder


class Channel(filesystem.Channel):  # type: ignore[misc]
    """Messages are files `<nanoseconds>_<uuid>.<queue>.msg` in one folder; a reader claims one by renaming it."""

    supports_fanout = False
    Message = SoundMessage

    @property
    def _folder(self) -> Path:
        return Path(self.transport_options["data_folder_in"])

    @property
    def _claimed(self) -> Path:
        return Path(self.transport_options["processed_folder"])

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        unfinished = self._claimed / f"{name}.new"
        try:
            unfinished.write_text(json.dumps(payload), encoding="utf-8")
            unfinished.rename(self._folder / name)
        except OSError:  # a full disk, most likely
            unfinished.unlink(missing_ok=True)
            raise

    def _get(self, queue: str) -> Any:
        for path in self._waiting(queue):
            claimed = self._claimed / path.name
            try:
                path.rename(claimed)
            except FileNotFoundError:
                continue
            try:
                payload = json.loads(claimed.read_text(encoding="utf-8"))
                self.Message(payload, channel=self)
            except ValueError as error:
                tell(queue, error)
                claimed.rename(put_aside(self._claimed) / path.name)
                continue
            claimed.unlink()
            return payload
        raise Empty

    def _waiting(self, queue: str) -> list[Path]:
        ending = f".{queue}.msg"
        return sorted(path for path in self._folder.iterdir() if path.name.endswith(ending))

    def _purge(self, queue: str) -> int:
        waiting = self._waiting(queue)
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _restore(self, message: Any) -> None:
        message.delivery_info["redelivered"] = True
        super()._restore(message)

    def get_table(self, exchange: str) -> list[Any]:
        """Every queue hangs on the nameless exchange, so there is no table to share."""
        return list(self.state.exchanges[exchange]["table"])


class Transport(TrueQueues, filesystem.Transport):  # type: ignore[misc]
    """Kombu's entry: `broker_transport = "grader.embedded_broker:Transport"`."""

    Channel = Channel
    global_state = virtual.BrokerState()
