"""The small school of tests/school.py, and what makes these tests quick."""

from tests.quick import cheap_passwords, copied_databases, newest, read_once, unsynced
from tests.school import database, make_report, now, parts, school, school_template, template

__all__ = [
    "cheap_passwords",
    "copied_databases",
    "database",
    "make_report",
    "newest",
    "now",
    "parts",
    "read_once",
    "school",
    "school_template",
    "template",
    "unsynced",
]
