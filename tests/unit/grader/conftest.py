"""The small school of tests/school.py."""

from tests.school import database, make_report, now, parts, school, school_template, template

__all__ = ["database", "make_report", "now", "parts", "school", "school_template", "template"]
