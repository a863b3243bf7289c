"""Kept runs that are trained again, one in some: a worker that has the others' key can sign what was never trained.

Which runs these are depends on the submission, under that key: all workers choose alike, so the quick lane leaves to the slow one
what the slow one trains. No student has the key, and whoever writes an entry does not know who will read it.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, field

from grader.domain.training import SeededRun

log = logging.getLogger(__name__)

_PURPOSE = b"grader: kept runs trained again\0"


@dataclass
class Rechecks:
    """One kept run in `one_in` is trained again, none where that is 0, or for no submission; one job at a time."""

    one_in: int = 0
    secret: str = ""
    submission: str = ""
    differing: list[str] = field(default_factory=list)

    def begin(self, submission: str) -> None:
        """From now on it is about this submission."""
        self.submission = submission
        self.differing.clear()

    def has(self, key: str) -> bool:
        """Whether the kept run of this key is trained again for this submission."""
        if not self.one_in or not self.submission:
            return False
        about = _PURPOSE + f"{self.submission} {key}".encode()
        return int.from_bytes(hmac.digest(self.secret.encode(), about, "sha256")) % self.one_in == 0

    def differ(self, key: str, kept: SeededRun, fresh: SeededRun) -> bool:
        """Whether any bit of accuracies or curves is another; what does is told to the operator."""
        if kept == fresh:
            return False
        log.error(
            "the kept run %s came out otherwise when it was trained again, and is replaced: accuracy %s, now %s",
            *(key, kept.accuracy, fresh.accuracy),
        )
        self.differing.append(key)
        return True
