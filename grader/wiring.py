"""Put the parts together from settings. Only composition roots (create_app, the control worker, commands) call this."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from celery import Celery

from grader.db.access import AccountRows
from grader.db.backlog import BacklogRows
from grader.db.canaries import CanaryRows
from grader.db.causes import CauseRows
from grader.db.counts import Counts
from grader.db.courses import CourseRows
from grader.db.curves import ClassCurves
from grader.db.endpoints import EndpointRows
from grader.db.erasing import Erasures
from grader.db.flow import FlowRows
from grader.db.lanes import LaneRows
from grader.db.outbox import OutboxRows
from grader.db.outgoing import OutgoingRows
from grader.db.patience import DatabasePatience
from grader.db.queries import Queries
from grader.db.retention import PruneRows, Retention
from grader.db.session import Database
from grader.db.store import SubmissionStore
from grader.db.tallies import Tallies
from grader.db.webhooks import SourceRows
from grader.db.workers import WorkerRows
from grader.dispatch_secret import DispatchSecrets
from grader.keys import server_keys
from grader.lms.addresses import read_networks
from grader.lms.courier import Courier
from grader.lms.graded import graded
from grader.lms.inbound import Inbox
from grader.lms.outbound import Sender
from grader.lms.outbox import Outbox
from grader.messages import NO_WORDS
from grader.queue import DELIVER, WEBHOOKS, CeleryJobQueue, make_celery, send
from grader.services.accounts import Accounts
from grader.services.dispatch import Dispatcher
from grader.services.ports import AssignmentShelf, Patience
from grader.services.record import Announce, Recorder
from grader.services.webhook_ports import WebhookPatience, Wished
from grader.settings import Settings


class Wiring:
    """The control plane's parts, each made when first asked for."""

    def __init__(
        self,
        settings: Settings,
        shelf: AssignmentShelf | None = None,
        patience: Patience | None = None,
        webhook_patience: WebhookPatience | None = None,
        database_patience: DatabasePatience | None = None,
    ) -> None:
        self.settings = settings
        self.patience = patience or Patience(hourly_budget=settings.hourly_budget)
        self.webhook_patience = webhook_patience or WebhookPatience()
        self._database_patience = database_patience
        self._shelf = shelf
        self.announce: list[Announce] = []

    @cached_property
    def database(self) -> Database:
        """The database; it is not migrated here."""
        return Database(self.settings.effective_database_url, self._database_patience)

    @cached_property
    def shelf(self) -> AssignmentShelf:
        """Every assignment."""
        if self._shelf is not None:
            return self._shelf
        from grader.catalog import load_catalog

        return load_catalog(self.settings.assignments_dirs)

    @cached_property
    def celery(self) -> Celery:
        """The app that sends tasks."""
        return make_celery(self.settings.broker_url, self.settings.data_dir)

    @cached_property
    def store(self) -> SubmissionStore:
        """Submissions and reports."""
        return SubmissionStore(self.database, self.settings.max_waiting)

    @cached_property
    def backlog(self) -> BacklogRows:
        """What waits or got lost."""
        return BacklogRows(self.database)

    @cached_property
    def lanes(self) -> LaneRows:
        """Room, places in line and waiting times."""
        return LaneRows(self.database)

    @cached_property
    def workers(self) -> WorkerRows:
        """Who grades, and to whom a job may go."""
        return WorkerRows(self.database)

    @cached_property
    def flow(self) -> FlowRows:
        """Whether lanes drain, and who works there."""
        return FlowRows(self.database)

    @cached_property
    def counts(self) -> Counts:
        """What was counted."""
        return Counts(self.database)

    @cached_property
    def courses(self) -> CourseRows:
        """Courses and members."""
        return CourseRows(self.database)

    @cached_property
    def accounts(self) -> Accounts:
        """Signing in."""
        return Accounts(AccountRows(self.database))

    @cached_property
    def erasures(self) -> Erasures:
        """Who was forgotten."""
        return Erasures(self.database)

    @cached_property
    def retention(self) -> PruneRows:
        """What is not to be kept any longer."""
        kept = self.settings
        days = Retention(kept.keep_messages_days, kept.keep_keys_days, kept.keep_workers_days)
        return PruneRows(self.database, days)

    @cached_property
    def queries(self) -> Queries:
        """Lists for pages."""
        return Queries(self.database)

    @cached_property
    def tallies(self) -> Tallies:
        """Counts for limits."""
        return Tallies(self.database)

    @cached_property
    def canaries(self) -> CanaryRows:
        """Whether workers agree."""
        return CanaryRows(self.database)

    @cached_property
    def class_curves(self) -> ClassCurves:
        """Medians of a class."""
        return ClassCurves(self.database)

    @cached_property
    def causes(self) -> CauseRows:
        """What stopped a class, and hints."""
        return CauseRows(self.database)

    @cached_property
    def dispatch_secrets(self) -> DispatchSecrets:
        """What tells a worker's word about a job from a stranger's."""
        return DispatchSecrets(lambda: server_keys(self.settings))

    @cached_property
    def dispatcher(self) -> Dispatcher:
        """Whoever puts submissions in line."""
        jobs = CeleryJobQueue(self.celery, self.dispatch_secrets)
        return Dispatcher(self.store, self.lanes, self.workers, jobs, self.shelf, self.patience)

    @cached_property
    def recorder(self) -> Recorder:
        """Whoever writes down what workers say."""
        return Recorder(self.dispatcher, (*self.announce, self.outbox.hear))

    @cached_property
    def sources(self) -> SourceRows:
        """Who sends webhooks to us."""
        return SourceRows(self.database)

    @cached_property
    def endpoints(self) -> EndpointRows:
        """Who hears of grades."""
        return EndpointRows(self.database)

    @cached_property
    def outgoing(self) -> OutgoingRows:
        """Whether messages may leave."""
        return OutgoingRows(self.database)

    @cached_property
    def wishes(self) -> OutboxRows:
        """What endpoints are owed."""
        return OutboxRows(self.database)

    @cached_property
    def inbox(self) -> Inbox:
        """Whoever takes webhooks."""
        return Inbox(self.sources, self.courses, self.dispatcher)

    @cached_property
    def outbox(self) -> Outbox:
        """Whoever finds what is owed."""
        return Outbox(self.wishes, lambda endpoint: send(self.celery, DELIVER, WEBHOOKS, endpoint))

    @cached_property
    def courier(self) -> Courier:
        """Whoever delivers webhooks."""
        return Courier(self.wishes, self.sender, self._graded, self.webhook_patience)

    def _graded(self, wished: Wished) -> dict[str, Any]:
        """The message about a grade, in the words of its exercise."""
        known = self.shelf.assignments.get(wished.submission.assignment)
        words = NO_WORDS if known is None else known.words_in(wished.language)
        return graded(wished, self.settings.public_url, words)

    @cached_property
    def sender(self) -> Sender:
        """Whoever judges addresses; ValueError where GRADER_WEBHOOK_ALLOW_PRIVATE is no list of networks."""
        try:
            allowed = read_networks(self.settings.webhook_allow_private)
        except ValueError as error:
            raise ValueError(f"GRADER_WEBHOOK_ALLOW_PRIVATE: {error}") from None
        return Sender(allowed, self.webhook_patience.timeout)
