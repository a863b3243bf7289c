"""`old_school.py COUNT SOURCE…`, run with the code of an older release: a course, students, hand-ins that nobody grades.

Prints, as JSON, the ids of what was handed in. It knows no more of that release than its settings, its parts and `submit`.
"""

from __future__ import annotations

import json
import sys

from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.domain.course import CountingRule, Role
from grader.services.ports import Upload
from grader.services.submit import submit
from grader.settings import load_settings
from grader.wiring import Wiring


def main(count: int, sources: list[str]) -> list[str]:
    """Hand in so many, one by each student."""
    parts = Wiring(load_settings())
    upgrade(parts.database)
    course = parts.courses.add_course("keras", "Keras", "CODE", CountingRule.BEST, ["tiny"])
    assert course is not None
    handed = []
    for number in range(count):
        student = parts.accounts.create(f"s{number}@example.edu", f"S {number}")
        parts.courses.set_role(course.id, student.id, Role.STUDENT)
        upload = Upload(
            student=student.id,
            course=course.id,
            assignment="tiny",
            data=sources[number % len(sources)].encode(),
        )
        handed.append(submit(upload, parts.dispatcher, utc_now()).id)
    return handed


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2:])))
