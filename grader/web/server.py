"""Gunicorn around the app: one process, threads, no configuration file."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from grader.settings import Settings
from grader.web import create_app


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn that takes its options from here; the app is made in the worker process."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options over."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The app."""
        return create_app(self._settings)


def run_web(settings: Settings, bind: str, threads: int) -> None:
    """Serve until a signal ends it; `bind` is `host:port` or `fd://N`."""
    options = {
        "bind": bind,
        "workers": 1,
        "threads": threads,
        "worker_class": "gthread",
        "graceful_timeout": 2,
        "timeout": 60,
        "keepalive": 5,
        "accesslog": None,
        "errorlog": "-",
        "loglevel": settings.log_level,
        "control_socket_disable": True,
    }
    Server(settings, options).run()
