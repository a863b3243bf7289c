"""Every setting, in one table; the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent
_IN_THE_WHEEL = _PACKAGE / "builtin"
BUILT_IN_ASSIGNMENTS = _IN_THE_WHEEL if _IN_THE_WHEEL.is_dir() else _PACKAGE.parent / "assignments"


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(part).resolve() for part in text.split(os.pathsep) if part)


def _flag(text: str) -> bool:
    yes, no = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
    words = dict.fromkeys(yes, True) | dict.fromkeys(no, False)
    try:
        return words[text.strip().lower()]
    except KeyError:
        detail = f"expected yes or no, got {text!r}"
        raise ValueError(detail) from None


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(f"expected a number from 0, got {number}")
    return number


def _user_data_dir() -> Path:
    from platformdirs import user_data_path

    return Path(user_data_path("keras-grader", appauthor=False))


def _setting(help_text: str, *, read: Any = str, default: Any = None, factory: Any = None) -> Any:
    metadata = {"help": help_text, "read": read}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """What an operator can choose; each field is the environment variable `GRADER_<NAME>`."""

    data_dir: Path = _setting(
        "Folder for the database, queue, data sets, logs and keys of one machine.",
        read=lambda text: Path(text).resolve(),
        factory=_user_data_dir,
    )
    database_url: str = _setting(
        "SQLAlchemy URL; empty means SQLite in the data folder. PostgreSQL: postgresql+psycopg://…",
        default="",
    )
    broker_url: str = _setting(
        "Celery broker, redis://… or amqp://…; empty means the embedded one in the data folder.", default=""
    )
    sandbox: str = _setting("auto, bubblewrap, docker or unix:PATH.", default="auto")
    sandbox_mode: str = _setting(
        "forkserver: a warm sandbox that forks a child for each job; fresh: a new one for each.",
        default="forkserver",
    )
    guest_image: str = _setting("Image that the docker sandbox starts.", default="keras-grader-guest")
    docker_url: str = _setting(
        "Engine's address, for instance Podman's socket; empty means the local Docker engine.", default=""
    )
    allow_degraded_sandbox: bool = _setting(
        "Let serve and worker run where no control group can limit memory.", read=_flag, default=False
    )
    run_cache: bool = _setting(
        "on: a network that was trained before is not trained again; kept in the broker's Redis where there is a key for it, else in the data folder.",
        read=_flag,
        default=True,
    )
    run_cache_key_file: Path | None = _setting(
        "File with the key that kept trainings are signed with, the same for all workers; empty means one made in the data"
        " folder, and nothing kept in Redis.",
        read=lambda text: Path(text) if text else None,
    )
    run_cache_recheck: int = _setting(
        "One in so many trainings that come out of Redis is trained again and compared, 0 for none.",
        read=_count,
        default=200,
    )
    secret_key_file: Path | None = _setting(
        "File with the key that signs cookies; empty means one made in the data folder.",
        read=lambda text: Path(text) if text else None,
    )
    metrics_token_file: Path | None = _setting(
        "File with the token that opens /metrics; empty means one made in the data folder.",
        read=lambda text: Path(text) if text else None,
    )
    public_url: str = _setting("Address that users see, for links in mails and webhooks.", default="")
    trusted_proxies: int = _setting(
        "How many proxies in front may set X-Forwarded-… headers.", read=int, default=0
    )
    assignments_dir: tuple[Path, ...] = _setting(
        "Folders with a course's own assignments, beside the built-in ones.", read=_paths, factory=tuple
    )
    webhook_allow_private: str = _setting(
        "Networks (CIDR, comma separated) that outgoing webhooks may reach although they are private.",
        default="",
    )
    max_waiting: int = _setting(
        "How many submissions of one student may wait in line at once; 0 for any number.",
        read=_count,
        default=20,
    )
    hourly_budget: int = _setting(
        "How many seconds one student's runs in the slow lane of a course may take in an hour before others go first; 0 for any number.",
        read=_count,
        default=900,
    )
    uploads_per_minute: int = _setting(
        "How many submissions one account may send in a minute; 0 for any number. One address may send 20 times that.",
        read=_count,
        default=60,
    )
    keep_messages_days: int = _setting(
        "How many days messages to an LMS are kept after it has them, with their tries; 0 for ever.",
        read=_count,
        default=90,
    )
    keep_keys_days: int = _setting(
        "How many days the idempotency keys of uploads are kept, and ids of messages from an LMS that brought nothing; 0 for ever.",
        read=_count,
        default=30,
    )
    keep_workers_days: int = _setting(
        "How many days a worker that fell silent is kept; 0 for ever.", read=_count, default=7
    )
    access_log: bool = _setting(
        "One line in the log for each answer of the web server: method, path, status, bytes, milliseconds, account.",
        read=_flag,
        default=True,
    )
    log_level: str = _setting("debug, info, warning or error.", default="info")

    @property
    def assignments_dirs(self) -> tuple[Path, ...]:
        """The built-in assignments, then the course's own."""
        return (BUILT_IN_ASSIGNMENTS, *self.assignments_dir)

    @property
    def effective_database_url(self) -> str:
        """The database to open: the given one, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'grader.db'}"


def load_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read `GRADER_*` variables; overrides (from command line options) win. ValueError names a bad variable."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        variable = f"GRADER_{setting.name.upper()}"
        if variable in environ:
            try:
                values[setting.name] = setting.metadata["read"](environ[variable])
            except ValueError as error:
                detail = f"{variable}: {error}"
                raise ValueError(detail) from None
    values.update({name: value for name, value in overrides.items() if value is not None})
    return Settings(**values)
