"""The grading pipeline, put together: catalogue, sandbox, trainer. A composition root of the data plane."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grader.catalog import Catalog, load_catalog
from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable, StudentError, VersionUnavailable
from grader.domain.report import Report
from grader.domain.submission import Job, Lane, Stage
from grader.domain.training import PlanName
from grader.keys import read_keys
from grader.services.grading import Trainer, grade
from grader.services.source import read_source
from grader.settings import Settings
from workers.extract import Haste, SandboxExtractor
from workers.sandbox.base import Mode, Sandbox
from workers.scratch import remove_abandoned
from workers.training.declaration import find_declarations
from workers.training.haste import HastyTrainer
from workers.training.run_cache import NoCache, RunCache
from workers.training.run_folder import FolderCache
from workers.training.run_rechecked import Rechecks
from workers.training.run_signed import SignedCache
from workers.training.trainer import ProcessTrainer

log = logging.getLogger(__name__)


class Pipeline:
    """Grades jobs one at a time; holds a sandbox open between them."""

    def __init__(self, catalog: Catalog, sandbox: Sandbox, trainer: ProcessTrainer) -> None:
        self.catalog = catalog
        self.sandbox = sandbox
        self.trainer = trainer
        self._trainers: Mapping[Lane, Trainer] = {Lane.QUICK: HastyTrainer(trainer), Lane.SLOW: trainer}
        self._extractors = {
            Lane.QUICK: SandboxExtractor(sandbox, haste=Haste()),
            Lane.SLOW: SandboxExtractor(sandbox),
        }

    def grade(self, job: Job, on_stage: Callable[[Stage], None] = lambda _: None) -> Report:
        """Grade a job by exactly the assignment and data that it names; raises GraderFault for our own failure.

        A job of the quick lane that takes long raises SlowJob.
        """
        self.trainer.rechecks.begin(job.submission)
        assignment = self.catalog.assignments.get(job.assignment)
        if assignment is None or (job.assignment_version and assignment.version != job.assignment_version):
            detail = f"this worker has not got {job.assignment} in version {job.assignment_version}"
            raise VersionUnavailable(detail)
        return grade(
            job.source,
            assignment.under(job.plan),
            self.catalog.rubrics[job.assignment],
            extractor=self._extractors[job.lane],
            trainer=self._trainers[job.lane],
            pinned=dict(job.datasets),
            on_stage=on_stage,
        )

    def grade_file(
        self,
        slug: str,
        data: bytes,
        file_name: str = "submission.py",
        plan: PlanName = PlanName.CLASS,
        size: int | None = None,
    ) -> Report:
        """Grade the bytes of a file here and now, as an upload of them would be graded.

        `size` is the file's own, where `data` is only as much of it as shows that it is too large.
        """
        assignment = self.catalog.assignments[slug]
        try:
            source = read_source(data, file_name, size=size)
        except StudentError as error:
            return Report.invalid(slug, assignment.version, self.catalog.max_score(slug), error)
        return self.grade(Job("", 1, slug, assignment.version, (), source, plan=plan, lane=Lane.SLOW))

    def differing(self) -> Sequence[str]:
        """The keys of kept runs that came out otherwise when the last job trained them again."""
        return tuple(self.trainer.rechecks.differing)

    def canary(self) -> tuple[str, str]:
        """The hash of what this worker's own small training gives, and what it trained with, in words."""
        made = self.trainer.versions
        return self.trainer.canary(), f"Keras {made['keras']}, TensorFlow {made['tensorflow']}, {made['cpu']}"

    def close(self) -> None:
        """Let go of the sandbox and the trainer."""
        self.sandbox.close()
        self.trainer.close()


def open_pipeline(
    settings: Settings, sandbox: Sandbox | None = None, trainer: ProcessTrainer | None = None
) -> Pipeline:
    """A pipeline as settings ask for it; SandboxUnavailable says what to install when there is no sandbox."""
    if sandbox is None:
        from workers.sandbox.choose import Engine, open_sandbox

        engine = Engine(settings.guest_image, settings.docker_url)
        sandbox = open_sandbox(settings.sandbox, mode=sandbox_mode(settings), engine=engine)
    return Pipeline(load_catalog(settings.assignments_dirs), sandbox, trainer or open_trainer(settings))


def open_warm_pipeline(settings: Settings) -> Pipeline:
    """A pipeline whose trainer and guest import TensorFlow from now on: for a worker at its start.

    What a worker that was killed has left in the machine's temporary folder goes.
    """
    remove_abandoned()
    trainer = open_trainer(settings)
    trainer.warm()
    pipeline = open_pipeline(settings, trainer=trainer)
    pipeline.sandbox.warm(Limits())
    return pipeline


def sandbox_mode(settings: Settings) -> Mode:
    """The setting as a mode; SandboxUnavailable names the known ones."""
    try:
        return Mode(settings.sandbox_mode)
    except ValueError:
        detail = f"no sandbox mode is called {settings.sandbox_mode!r}: use {' or '.join(Mode)}"
        raise SandboxUnavailable(detail) from None


def open_trainer(settings: Settings) -> ProcessTrainer:
    """A trainer on the data sets of the assignment folders, which remembers what it trained."""
    declarations = dataset_folders(settings.assignments_dirs)
    return ProcessTrainer(
        declarations, settings.data_dir, cache=open_run_cache(settings), rechecks=open_rechecks(settings)
    )


def open_run_cache(settings: Settings) -> RunCache:
    """Where trained runs are kept: the broker's Redis, which all machines share, or else a folder of this one.

    Redis only with a key that was given: others write there, and a key that each machine made itself would be of no use.
    """
    if not settings.run_cache:
        return NoCache()
    given = settings.run_cache_key_file
    try:
        keys = _run_keys(settings)
    except OSError as error:
        if given is not None:
            raise ValueError(f"GRADER_RUN_CACHE_KEY_FILE: {error}") from None
        log.warning("no training is kept: no key for it can be kept in the data folder: %s", error)
        return NoCache()
    if _is_shared(settings):
        from workers.training.run_redis import RedisCache  # a student's own machine has no such client

        return SignedCache(RedisCache(settings.broker_url), keys)
    return SignedCache(FolderCache(settings.data_dir / "cache" / "runs"), keys)


def open_rechecks(settings: Settings) -> Rechecks:
    """Which kept runs are trained again: some of those in Redis, and none of this machine's own folder.

    Whoever writes there is the user whom this worker runs as, and need not lie to it.
    """
    if not (settings.run_cache and _is_shared(settings)):
        return Rechecks()
    return Rechecks(settings.run_cache_recheck, _run_keys(settings)[0])


def _run_keys(settings: Settings) -> list[str]:
    return read_keys(settings.run_cache_key_file, settings.data_dir / "cache" / "runs-key")


def _is_shared(settings: Settings) -> bool:
    of_redis = settings.broker_url.startswith(("redis://", "rediss://"))
    return settings.run_cache_key_file is not None and of_redis


def dataset_folders(directories: tuple[Path, ...]) -> Mapping[str, Path]:
    """Name → folder of every declared data set; later directories win."""
    return {
        name: folder for directory in directories for name, folder in find_declarations(directory).items()
    }
