"""One pipeline for each sandbox, on a machine with things to steal; and the honest work that hostile work meets."""

from __future__ import annotations

import dataclasses
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.catalog import Catalog, load_catalog
from grader.domain.report import Report
from grader.settings import load_settings
from tests.hostile.cases import Case, is_its_turn, load_cases
from tests.hostile.host import Canaries, Listeners, Own, planted
from tests.ordinary_user import SUBORDINATE, OrdinaryUserSandbox
from workers.pipeline import Pipeline, open_trainer
from workers.sandbox.base import Mode, Sandbox
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.docker_engine import DockerSandbox
from workers.sandbox.unix_socket import UnixSocketSandbox
from workers.training.trainer import ProcessTrainer

HERE = Path(__file__).parent
SHAPE, TRAIN = "hostile-shape", "hostile-train"
# Each sandbox as it is used by default; others by name: HOSTILE_SANDBOXES=bubblewrap-fresh,docker-fresh,unix-fresh
IN_CI = "bubblewrap-forkserver,bubblewrap-subordinate,docker-forkserver,unix-forkserver"
BACKENDS = os.environ.get("HOSTILE_SANDBOXES", IN_CI).split(",")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is another sandbox's turn (`in_turn` of a side-car)."""
    cases = list(load_cases())
    others = [item for item in items if not _is_its_turn(item, cases)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


def _is_its_turn(item: pytest.Item, cases: list[Case]) -> bool:
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    if not {"case", "grader"} <= given.keys():
        return True
    return is_its_turn(given["case"], given["grader"], BACKENDS, cases)


@dataclass
class Host:
    """This machine as an attacker would like to see it."""

    canaries: Canaries
    listeners: Listeners
    catalog: Catalog
    trainer: ProcessTrainer
    folder: Path

    @property
    def places(self) -> dict[str, str]:
        """What a case may know: addresses and paths of the machine, spelled `__WORD__` in its file."""
        return self.listeners.places | {
            "PROJECT": str(HERE.parents[1]),
            "ASSIGNMENTS": str(self.folder / "assignments"),
            "DATA_DIR": str(self.folder / "data"),
            "HOME": str(Path.home()),
            "TEMP": tempfile.gettempdir(),
            "CANARY_FILE": f".hostile-canary-{os.getpid()}",
            "PID": str(os.getpid()),
            "HOST_NAME": socket.gethostname(),
        }

    def twin(self, name: str) -> bytes:
        """An honest submission; it carries a word that nobody else may ever see."""
        source = (HERE / "twins" / f"{name}.py").read_text("utf-8")
        return f"{source}\nSECRET = {self.canaries['neighbour']!r}\n".encode()


@dataclass
class Grader:
    """The real pipeline on one sandbox; `expected` has the report of each twin for each assignment."""

    backend: str
    own: Own
    pipeline: Pipeline
    host: Host
    expected: dict[tuple[str, str], Report]

    @property
    def is_counted(self) -> bool:
        """Whether a control group counts what a job uses."""
        return not self.pipeline.sandbox.degraded

    def grade_twin(self, slug: str, name: str = "honest") -> Report:
        """Hand in an honest submission."""
        return self.pipeline.grade_file(slug, self.host.twin(name))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Secrets are planted, listeners wait, the trainer is ready."""
    folder = tmp_path_factory.mktemp("hostile")
    kept, tempfile.tempdir = tempfile.tempdir, str(folder / "temp")
    (folder / "temp").mkdir()
    canaries, listeners = Canaries(), Listeners()
    settings = load_settings({}, data_dir=folder / "data", assignments_dir=(folder / "assignments",))
    with planted(canaries, folder / "data"):
        _copy_assignments(folder / "assignments", canaries["checks"])
        trainer = open_trainer(settings)
        # Four rows cannot cost what a class's data can: the budget is as small as they are.
        trainer._limits = dataclasses.replace(trainer._limits, operations=10**11)
        yield Host(canaries, listeners, load_catalog(settings.assignments_dirs), trainer, folder)
        trainer.close()
    listeners.close()
    tempfile.tempdir = kept


def _copy_assignments(place: Path, secret: str) -> None:
    shutil.copytree(HERE / "assignments", place)
    for file in place.glob("*/checks.py"):
        file.write_text(f"{file.read_text('utf-8')}\nSECRET = {secret!r}\n", encoding="utf-8")


def open_sandbox(backend: str, request: pytest.FixtureRequest, catalog: Catalog) -> Sandbox:
    """A sandbox of that kind."""
    kind, _, mode = backend.partition("-")
    if backend == "bubblewrap-subordinate":
        return OrdinaryUserSandbox(delegated=False, subordinate=65_536)
    if kind == "bubblewrap":
        return BubblewrapSandbox(mode=Mode(mode))
    if kind == "docker":
        image, url = request.getfixturevalue("guest_image"), request.getfixturevalue("engine").url
        return DockerSandbox(mode=Mode(mode), image=image, base_url=url)
    limits = catalog.assignments[SHAPE].limits
    service = request.getfixturevalue("guest_service")
    return UnixSocketSandbox(service.start(fresh=mode == Mode.FRESH, limits=limits))


@pytest.fixture(scope="module", params=BACKENDS)
def grader(request: pytest.FixtureRequest, host: Host) -> Iterator[Grader]:
    """The pipeline on each sandbox, warm, with what honest work gets there."""
    sandbox = open_sandbox(request.param, request, host.catalog)
    in_containers = not request.param.startswith("bubblewrap")
    own = Own(request.getfixturevalue("engine").client if in_containers else None)
    if request.param == "bubblewrap-subordinate":
        own = Own(users=SUBORDINATE)
    grader = Grader(request.param, own, Pipeline(host.catalog, sandbox, host.trainer), host, {})
    for slug, name in ((TRAIN, "frozen"), (TRAIN, "honest"), (SHAPE, "frozen"), (SHAPE, "honest")):
        grader.expected[slug, name] = grader.grade_twin(slug, name)
    yield grader
    sandbox.close()


@dataclass
class Neighbour:
    """Somebody who is graded at the same time, in one thread for all tests: a guest dies with the thread that started it."""

    grader: Grader
    thread: ThreadPoolExecutor


@pytest.fixture(scope="module")
def neighbour(request: pytest.FixtureRequest, grader: Grader) -> Iterator[Neighbour]:
    """A second sandbox of the same kind, warm as the first is."""
    sandbox = open_sandbox(grader.backend, request, grader.host.catalog)
    pipeline = Pipeline(grader.host.catalog, sandbox, grader.host.trainer)
    with ThreadPoolExecutor(1) as thread:
        yield Neighbour(dataclasses.replace(grader, pipeline=pipeline), thread)
        sandbox.close()
