"""Redis for users who may do little there (docker/redis-users.acl): no Lua, and nothing that only a library is curious about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from redis.exceptions import LockNotOwnedError
from redis.lock import Lock

PLAIN: dict[str, Any] = {"driver_info": None}
"""Options of a connection: no CLIENT SETINFO, so that Redis's log of what it refused (ACL LOG) shows no habit of a library."""


class Lease(Lock):
    """Redis's own lock; it is given back and renewed by transactions that watch it. It is never extended otherwise."""

    def register_scripts(self) -> None:
        """None are needed."""

    def do_release(self, expected_token: Any) -> None:
        """Remove it; LockNotOwnedError where it is another's by now."""
        self._while_ours(expected_token, lambda pipe: pipe.delete(self.name))

    def do_reacquire(self) -> Literal[True]:
        """Begin its time anew; LockNotOwnedError where it is another's by now."""
        milliseconds = int((self.timeout or 0) * 1000)
        self._while_ours(self.local.token, lambda pipe: pipe.pexpire(self.name, milliseconds))
        return True

    def _while_ours(self, token: Any, change: Callable[[Any], object]) -> None:
        def act(pipe: Any) -> None:
            if pipe.get(self.name) != token:
                message = "the lease is another's"
                raise LockNotOwnedError(message, lock_name=self.name)
            pipe.multi()
            change(pipe)

        self.redis.transaction(act, self.name)
