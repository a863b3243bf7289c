"""Courses on one database. Implements `services.course_ports.CourseStore`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.db.columns import utc_now
from grader.db.counting import changed_by_rule
from grader.db.guard_tables import CourseChangeRow
from grader.db.session import Database
from grader.db.tables import CourseAssignmentRow, CourseDataRow, CourseRow, MemberRow
from grader.db.wishes import hold, owe_all
from grader.domain.course import CountingRule, Role
from grader.domain.report import DatasetStamp
from grader.domain.training import PlanName
from grader.services.ports import Course, Membership, PinnedData


@dataclass(frozen=True)
class CourseChange:
    """One line of a course's audit; `subject` is the assignment, or the id of the person, that it is about."""

    changed_at: datetime
    action: str
    subject: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


class CourseRows:
    """Courses, their people and their assignments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_course(
        self, slug: str, title: str, join_code: str, rule: CountingRule, assignments: Sequence[str]
    ) -> Course | None:
        """A new course; None where the slug is taken."""
        row = CourseRow(slug=slug, title=title, join_code=join_code, rule=rule.value)
        try:
            with self._database.write() as session:
                session.add(row)
                session.flush()
                session.add_all(_listed(row.id, assignments))
                return course_of(row)
        except IntegrityError:
            return None

    def course(self, slug: str) -> Course | None:
        """One course by slug."""
        return self._one(CourseRow.slug == slug)

    def course_by_id(self, course: str) -> Course | None:
        """One course by id."""
        return self._one(CourseRow.id == course)

    def course_by_code(self, code: str) -> Course | None:
        """One course by join code."""
        return self._one(CourseRow.join_code == code)

    def courses(self) -> Sequence[Course]:
        """Every course, by slug."""
        with self._database.read() as session:
            return [course_of(row) for row in session.scalars(select(CourseRow).order_by(CourseRow.slug))]

    def memberships(self, user: str) -> Sequence[Membership]:
        """The courses of one person."""
        query = (
            select(CourseRow, MemberRow.role)
            .join(MemberRow, MemberRow.course_id == CourseRow.id)
            .where(MemberRow.user_id == user)
            .order_by(CourseRow.slug)
        )
        with self._database.read() as session:
            return [Membership(course_of(row), Role(role)) for row, role in session.execute(query)]

    def role(self, course: str, user: str) -> Role | None:
        """What somebody is in a course."""
        with self._database.read() as session:
            row = session.get(MemberRow, (course, user))
            return None if row is None else Role(row.role)

    def headcounts(self) -> Mapping[str, Mapping[Role, int]]:
        """How many people of each role every course has; a course without people is not in it."""
        query = select(MemberRow.course_id, MemberRow.role, func.count())
        found: dict[str, dict[Role, int]] = {}
        with self._database.read() as session:
            for course, role, count in session.execute(query.group_by(MemberRow.course_id, MemberRow.role)):
                found.setdefault(course, {})[Role(role)] = count
        return found

    def set_role(self, course: str, user: str, role: Role) -> None:
        """Make somebody a member, or change the role."""
        with self._database.write() as session:
            row = session.get(MemberRow, (course, user)) or MemberRow(course_id=course, user_id=user)
            _note(session, course, "role", user, {"role": row.role}, {"role": role.value})
            row.role = role.value
            session.add(row)

    def assignments(self, course: str) -> Sequence[str]:
        """Slugs of a course, in the course's order."""
        query = select(CourseAssignmentRow.slug).where(CourseAssignmentRow.course_id == course)
        with self._database.read() as session:
            return list(session.scalars(query.order_by(CourseAssignmentRow.position)))

    def set_assignments(self, course: str, assignments: Sequence[str]) -> None:
        """Replace a course's list; an assignment that stays keeps its plan and dates."""
        listed = CourseAssignmentRow.course_id == course
        with self._database.write() as session:
            had = {row.slug: row for row in session.scalars(select(CourseAssignmentRow).where(listed))}
            for fresh in _listed(course, list(dict.fromkeys(assignments))):
                kept = had.pop(fresh.slug, None)
                if kept is None:
                    session.add(fresh)
                else:
                    kept.position = fresh.position
            for row in had.values():
                session.delete(row)

    def plans(self, course: str) -> Mapping[str, PlanName]:
        """The plan of each assignment of a course, in the course's order."""
        listed = CourseAssignmentRow.course_id == course
        with self._database.read() as session:
            rows = session.scalars(
                select(CourseAssignmentRow).where(listed).order_by(CourseAssignmentRow.position)
            )
            return {row.slug: PlanName(row.plan) for row in rows}

    def set_plan(self, course: str, assignment: str, plan: PlanName) -> bool:
        """Choose the plan for what is graded from now on; False where the course has no such assignment."""
        with self._database.write() as session:
            row = session.get(CourseAssignmentRow, (course, assignment))
            if row is None:
                return False
            _note(session, course, "plan", assignment, {"plan": row.plan}, {"plan": plan.value})
            row.plan = plan.value
            return True

    def set_rule(self, course: str, rule: CountingRule, now: datetime) -> int | None:
        """Let another attempt count, and owe everybody concerned to who hears of grades; how many grades changed.

        None for an unknown course.
        """
        with self._database.write() as session:
            hold(session, course)
            row = session.get(CourseRow, course)
            if row is None:
                return None
            changed = changed_by_rule(session, course, CountingRule(row.rule), rule)
            _note(session, course, "rule", row.slug, {"rule": row.rule}, {"rule": rule.value})
            row.rule = rule.value
            owe_all(session, course, changed, now)
            return len(changed)

    def data(self, course: str) -> Sequence[PinnedData]:
        """The data that a course's assignments are graded with, by assignment."""
        query = select(CourseDataRow).where(CourseDataRow.course_id == course)
        with self._database.read() as session:
            rows = session.scalars(query.order_by(CourseDataRow.slug, CourseDataRow.dataset))
            return [
                PinnedData(row.slug, DatasetStamp(row.dataset, row.origin, row.sha256), row.since)
                for row in rows
            ]

    def release_data(self, course: str, assignment: str) -> bool:
        """Let the next report choose the data again; False where none was chosen."""
        of_assignment = (CourseDataRow.course_id == course, CourseDataRow.slug == assignment)
        with self._database.write() as session:
            chosen = {
                row.dataset: row.sha256
                for row in session.scalars(select(CourseDataRow).where(*of_assignment))
            }
            if chosen:
                _note(session, course, "data released", assignment, chosen, {})
                session.execute(delete(CourseDataRow).where(*of_assignment))
            return bool(chosen)

    def changes(self, course: str) -> Sequence[CourseChange]:
        """The audit of one course, the newest first: data, plans and roles."""
        query = select(CourseChangeRow).where(CourseChangeRow.course_id == course)
        with self._database.read() as session:
            return [
                CourseChange(row.changed_at, row.action, row.subject, row.old, row.new)
                for row in session.scalars(query.order_by(CourseChangeRow.id.desc()))
            ]

    def _one(self, condition: Any) -> Course | None:
        with self._database.read() as session:
            row = session.scalar(select(CourseRow).where(condition))
            return None if row is None else course_of(row)


def _note(
    session: Session, course: str, action: str, subject: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """One line of the audit, in the transaction of the change itself; what changes nothing leaves none."""
    if old != new:
        session.add(
            CourseChangeRow(
                course_id=course, changed_at=utc_now(), action=action, subject=subject, old=old, new=new
            )
        )


def _listed(course: str, assignments: Sequence[str]) -> list[CourseAssignmentRow]:
    return [
        CourseAssignmentRow(course_id=course, slug=slug, position=position)
        for position, slug in enumerate(assignments)
    ]


def course_of(row: CourseRow) -> Course:
    """The value of a row."""
    return Course(row.id, row.slug, row.title, row.join_code, CountingRule(row.rule))
