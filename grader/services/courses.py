"""Courses: opening one, and getting people in."""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.domain.course import CountingRule, Role
from grader.domain.message import message
from grader.messages import Told
from grader.services.accounts import AccountError, Accounts, Purpose, clean_email, clean_name
from grader.services.course_ports import CourseStore
from grader.services.ports import Course, User

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
LONGEST_TITLE = 200
ROSTER_BYTES = 2 * 1024 * 1024
ROSTER_ROWS = 20_000
COLUMNS = ("email", "name", "role")
_READABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class CourseError(Told):
    """Something about a course that a person can put right."""


@dataclass(frozen=True)
class RosterLine:
    """One person of a roster; `line` counts from 1, the header included."""

    line: int
    email: str
    name: str
    role: Role


@dataclass(frozen=True)
class Roster:
    """A roster as read: people, and what is wrong, by line."""

    people: tuple[RosterLine, ...]
    errors: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Invited:
    """Somebody who was put into a course; `link` is the secret of a one-time link, None for who has a password."""

    user: User
    role: Role
    link: str | None


def create_course(
    store: CourseStore, slug: str, title: str, rule: CountingRule, assignments: Sequence[str]
) -> Course:
    """A new course with these assignments in this order; CourseError for a bad or taken slug, or a long title."""
    if not SLUG.fullmatch(slug):
        raise CourseError(message("no_course_name", slug=slug))
    if len(title) > LONGEST_TITLE:
        raise CourseError(message("long_title", most=LONGEST_TITLE))
    course = store.add_course(slug, title or slug, new_join_code(), rule, assignments)
    if course is None:
        raise CourseError(message("course_taken", slug=slug))
    return course


def new_join_code() -> str:
    """Eight letters that nobody confuses: about 40 bits."""
    return "".join(secrets.choice(_READABLE) for _ in range(8))


def join_by_code(store: CourseStore, user: str, code: str) -> Course:
    """Become a student of the course with that code; staff keep their role. CourseError for an unknown code."""
    course = store.course_by_code(code.strip().upper())
    if course is None:
        raise CourseError(message("no_such_code"))
    if store.role(course.id, user) is None:
        store.set_role(course.id, user, Role.STUDENT)
    return course


def read_roster(data: bytes) -> Roster:
    """Parse CSV with the columns email, name, role (student where empty); nothing is saved."""
    if len(data) > ROSTER_BYTES:
        return Roster((), ((1, f"The file has {len(data)} bytes; at most {ROSTER_BYTES} are read."),))
    try:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        header = [cell.strip().casefold() for cell in next(rows, [])]
    except (UnicodeDecodeError, csv.Error):
        return Roster((), ((1, "The file is not UTF-8 text."),))
    if header[:1] != ["email"] or not set(header) <= set(COLUMNS) or len(set(header)) != len(header):
        return Roster((), ((1, f"The first line must name the columns {', '.join(COLUMNS)}."),))
    try:
        return _read_lines(header, rows)
    except csv.Error:
        return Roster((), ((rows.line_num, "A cell is too long, or its quotes do not end."),))


def _read_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Roster:
    people: dict[str, RosterLine] = {}
    errors: list[tuple[int, str]] = []
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if line > ROSTER_ROWS:
            errors.append((line, f"More than {ROSTER_ROWS} lines."))
            break
        try:
            person = _read_person(line, dict(zip(header, cells, strict=True)))
            if person.email in people:
                raise AccountError(
                    message("roster_twice", email=person.email, line=people[person.email].line)
                )
            people[person.email] = person
        except (ValueError, AccountError) as error:
            errors.append((line, str(error) if isinstance(error, AccountError) else "Wrong number of cells."))
    return Roster(tuple(people.values()), tuple(errors))


def _read_person(line: int, cells: dict[str, str]) -> RosterLine:
    email = clean_email(cells["email"])
    word = cells.get("role", "").strip().casefold() or Role.STUDENT.value
    if word not in {role.value for role in Role}:
        raise AccountError(message("roster_role", word=word, roles=", ".join(Role)))
    return RosterLine(line, email, clean_name(cells.get("name", "")) or email, Role(word))


def import_roster(
    store: CourseStore, accounts: Accounts, course: str, people: Iterable[RosterLine], now: datetime
) -> list[Invited]:
    """Make accounts where there are none, set roles, and give who has no password a one-time sign-in link."""
    return [_invite(store, accounts, course, person, now) for person in people]


def any_without_password(accounts: Accounts, people: Iterable[RosterLine]) -> bool:
    """Whether an import would make a link for one of them."""
    known = (accounts.store.user_by_email(person.email) for person in people)
    return any(user is None or not user.has_password for user in known)


def _invite(
    store: CourseStore, accounts: Accounts, course: str, person: RosterLine, now: datetime
) -> Invited:
    user = accounts.store.user_by_email(person.email) or accounts.create(person.email, person.name)
    store.set_role(course, user.id, person.role)
    link = None if user.has_password else accounts.issue_link(user.id, Purpose.SIGN_IN, now)
    return Invited(user, person.role, link)
