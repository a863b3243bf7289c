"""The suite bites: with a defence switched off, a hostile case fails, and says what the table says."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.catalog import Catalog
from grader.domain.assignment import Limits
from grader.domain.report import Report
from tests.hostile.cases import Case, load_cases
from tests.hostile.conftest import SHAPE, TRAIN, Grader, Host
from tests.hostile.defence import Defence
from tests.hostile.defences import ALL
from tests.hostile.holding import graded, hold
from tests.hostile.host import Own, alive_of, eventually, has_job, remove_messages
from tests.hostile.switching import other_guest, switched_off
from workers.pipeline import Pipeline
from workers.sandbox import control_group
from workers.sandbox.base import Job, Mode, Outcome
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.users import Users, possible
from workers.training.trainer import ProcessTrainer, TrainerLimits

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.training,
    pytest.mark.skipif(
        possible()[0] is not Users.MACHINE or control_group.find_parents() is None,
        reason="the table is of root with control groups, which alone has every defence",
    ),
]
CASES = {case.name: case for case in load_cases()}


class Bare(BubblewrapSandbox):
    """A guest that loads no library beforehand: most cases need none, and a start takes a fifth of a second."""

    def run(self, job: Job, limits: Limits) -> Outcome:
        return super().run({**job, "preload": False}, limits)


@pytest.fixture(scope="module")
def expected(host: Host) -> dict[tuple[str, str], Report]:
    """What honest work gets while every defence stands."""
    sandbox = BubblewrapSandbox(mode=Mode.FORKSERVER)
    grader = Grader("bubblewrap-forkserver", Own(), Pipeline(host.catalog, sandbox, host.trainer), host, {})
    for slug, name in ((TRAIN, "frozen"), (TRAIN, "honest"), (SHAPE, "frozen"), (SHAPE, "honest")):
        grader.expected[slug, name] = grader.grade_twin(slug, name)
    sandbox.close()
    return grader.expected


@pytest.fixture
def grader(
    defence: Defence, host: Host, expected: dict[tuple[str, str], Report], tmp_path: Path
) -> Iterator[Grader]:
    """A pipeline without that one defence."""
    runtime = other_guest([change for change in defence.off if change.is_in_guest], tmp_path)
    with switched_off(defence.off):
        sandbox = Bare(mode=Mode.FORKSERVER if defence.warm else Mode.FRESH, runtime=runtime)
        trainer = _trainer(defence, host)
        pipeline = Pipeline(_limited(host.catalog, defence), sandbox, trainer)
        yield Grader("bubblewrap", Own(), pipeline, host, expected)
        sandbox.close()
    if trainer is not host.trainer:
        trainer.close()
    remove_messages()
    control_group.create(control_group.find_parents(), memory_mib=64, processes=8).remove()


def _trainer(defence: Defence, host: Host) -> ProcessTrainer:
    if not defence.trainer:
        return host.trainer
    limits = TrainerLimits(**defence.trainer)
    return ProcessTrainer(host.trainer._declarations, host.folder / "data", limits)


def _limited(catalog: Catalog, defence: Defence) -> Catalog:
    assignments = {
        slug: dataclasses.replace(each, limits=dataclasses.replace(each.limits, **defence.limits))
        for slug, each in catalog.assignments.items()
    }
    return dataclasses.replace(catalog, assignments=assignments)


@pytest.mark.parametrize("defence", ALL, ids=lambda defence: defence.name.lower().replace(" ", "-"))
def test_a_case_notices(defence: Defence, grader: Grader) -> None:
    if defence.after_honest:
        grader.grade_twin(SHAPE)
    with pytest.raises(Exception, match=re.escape(defence.says)):
        _try(defence, grader)


def _try(defence: Defence, grader: Grader) -> None:
    case = CASES[defence.case]
    if defence.worker_dies:
        _kill_the_worker(case, grader)
    else:
        hold(case, grader, is_patient=False)


def _kill_the_worker(case: Case, grader: Grader) -> None:
    """End the process that grades while a supervisor, its bubblewrap and a job are there, and wait for their end."""
    with _groups_nobody_else_sweeps(grader):
        worker = os.fork()
        if worker == 0:
            graded(case, grader)
            os._exit(0)
        assert eventually(lambda: has_job(worker), seconds=20)
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
        assert eventually(lambda: not alive_of(worker), seconds=2), f"outlives its worker: {alive_of(worker)}"


@contextmanager
def _groups_nobody_else_sweeps(grader: Grader) -> Iterator[None]:
    """Groups of guests below one of ours: any worker of this machine, also another test's, ends what a dead one left."""
    sandbox = grader.pipeline.sandbox
    assert isinstance(sandbox, BubblewrapSandbox)
    around = control_group.create(control_group.find_parents(), memory_mib=4096, processes=512)
    sandbox._groups = control_group.Parents(around.folders)
    assert sandbox._groups.version == 1 or control_group._delegates(around.folders[""])
    try:
        yield
    finally:
        control_group.sweep(sandbox._groups)
        around.remove()
