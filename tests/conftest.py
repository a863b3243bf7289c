"""One Docker engine, one set of images and one wheel of this project for all tests that need them.

With several processes (`pytest -n auto`, what `make test` does) they share one engine; tests/sharing.py says which of
them gets what.
"""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import ahead, shared
from tests.engine import await_end_of_shared_engine, engine, prune_shared_engine
from tests.guests import guest_service, podman
from tests.images import guest_image, images
from tests.packages import built_wheel, packages
from tests.sharing import Sharing, needs_engine, processes, turn

MAKING_IMAGES_SECONDS = 2400
"""Of whichever test comes first: the base, its packages and the libraries; minutes on a quiet machine with nothing kept."""

__all__ = ["built_wheel", "engine", "guest_image", "guest_service", "images", "packages", "podman"]


# How fast a busy machine draws examples says nothing of what is tested with them.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def data_of_all() -> Path:
    """A data folder for all tests that only use trainings, as workers share theirs: each run is trained once.

    A test of how a run is trained or kept has a folder of its own.
    """
    return shared.folder() / "data"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command that sets up its logging in this process leaves nothing of it to the next test, whose output it spoils."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    if root.level != level:  # setting it empties what each logger remembers
        root.setLevel(level)
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """How many processes `-n auto` and `-n logical` mean."""
    return processes(config.option.numprocesses)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing | None:
    """Who gets which tests, where several processes share them."""
    return Sharing(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_configure(config: pytest.Config) -> None:
    """The first process makes what all share, and removes it after all others have ended: the last line comes first."""
    _let_ctrl_c_end_what_we_start()
    if shared.is_first_process():
        shared.make_folder()
        config.add_cleanup(shared.remove_folder)
        config.add_cleanup(await_end_of_shared_engine)
        config.add_cleanup(shared.take_lock().close)
        config.add_cleanup(prune_shared_engine)


def _let_ctrl_c_end_what_we_start() -> None:
    """As in a terminal: behind a shell's `&` SIGINT and SIGQUIT are ignored, by all that is started from there, too."""
    if threading.current_thread() is threading.main_thread():
        for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
            if signal.getsignal(number) is signal.SIG_IGN:
                signal.signal(number, usual)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """What is imported and collected stays to the end: the garbage collector need not look through it in every test."""
    gc.disable()
    ahead.share(session.config)
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first; who needs the engine may wait until its images are made, on a slow machine too."""
    items.sort(key=lambda item: turn(item.nodeid))
    for item in items:
        if needs_engine(item.nodeid) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(MAKING_IMAGES_SECONDS))
