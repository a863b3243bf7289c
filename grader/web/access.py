"""Who may open which course and which submission; what somebody may not see looks as if it did not exist."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort

from grader.domain.course import Role
from grader.services.ports import Course, Submission, User
from grader.web.current import wiring
from grader.web.words import N_, _

NO_COURSE = N_("There is no such course, or you are not in it.")
NO_SUBMISSION = N_("There is no such submission, or it is not yours.")


@dataclass(frozen=True)
class Visit:
    """Somebody in a course; admins are staff everywhere."""

    course: Course
    is_staff: bool


def course_for(user: User, slug: str) -> Visit:
    """The course as this person may see it; 404 for who is not in it."""
    course = wiring().courses.course(slug)
    role = None if course is None else wiring().courses.role(course.id, user.id)
    if course is None or (role is None and not user.is_admin):
        abort(404, _(NO_COURSE))
    return Visit(course, is_staff=user.is_admin or (role is not None and Role(role).is_staff))


def staff_course_for(user: User, slug: str) -> Course:
    """The course for its staff; 404 for a stranger, 403 for its students."""
    visit = course_for(user, slug)
    if not visit.is_staff:
        abort(403, _("This page is for the course's staff."))
    return visit.course


def submission_for(user: User, submission: str) -> tuple[Submission, bool]:
    """A submission, and whether the viewer is staff of its course; 404 with the same words for all others."""
    how = wiring().queries.may_see(submission, user.id)
    found = wiring().store.get(submission) if how else None
    if found is None:
        abort(404, _(NO_SUBMISSION))
    return found, how == "staff"
