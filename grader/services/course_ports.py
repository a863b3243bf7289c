"""What courses need of a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from grader.domain.course import CountingRule, Role
from grader.domain.training import PlanName
from grader.services.ports import Course, Membership, PinnedData


class CourseStore(Protocol):
    """Courses, their people and their assignments."""

    def add_course(
        self, slug: str, title: str, join_code: str, rule: CountingRule, assignments: Sequence[str]
    ) -> Course | None:
        """A new course; None where the slug is taken."""

    def course(self, slug: str) -> Course | None:
        """One course by slug."""

    def course_by_id(self, course: str) -> Course | None:
        """One course by id."""

    def course_by_code(self, code: str) -> Course | None:
        """One course by join code."""

    def courses(self) -> Sequence[Course]:
        """Every course, by slug."""

    def memberships(self, user: str) -> Sequence[Membership]:
        """The courses of one person."""

    def role(self, course: str, user: str) -> Role | None:
        """What somebody is in a course."""

    def headcounts(self) -> Mapping[str, Mapping[Role, int]]:
        """How many people of each role every course has; a course without people is not in it."""

    def set_role(self, course: str, user: str, role: Role) -> None:
        """Make somebody a member, or change the role."""

    def assignments(self, course: str) -> Sequence[str]:
        """Slugs of a course, in the course's order."""

    def set_assignments(self, course: str, assignments: Sequence[str]) -> None:
        """Replace a course's list; an assignment that stays keeps its plan and dates."""

    def plans(self, course: str) -> Mapping[str, PlanName]:
        """The plan of each assignment of a course, in the course's order."""

    def set_plan(self, course: str, assignment: str, plan: PlanName) -> bool:
        """Choose the plan for what is graded from now on; False where the course has no such assignment."""

    def set_rule(self, course: str, rule: CountingRule, now: datetime) -> int | None:
        """Let another attempt count, and owe everybody concerned to who hears of grades; how many grades changed.

        None for an unknown course.
        """

    def data(self, course: str) -> Sequence[PinnedData]:
        """The data that a course's assignments are graded with, by assignment."""

    def release_data(self, course: str, assignment: str) -> bool:
        """Let the next report choose the data again; False where none was chosen."""
