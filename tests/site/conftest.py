"""Walks through the whole site of the small school; the unit tests of single pages have the same fixtures."""

from tests.quick import cheap_passwords, unsynced
from tests.school import database, make_report, now, parts, school, school_template, template
from tests.visitors import app, browser, callers, client, site

__all__ = [
    "app",
    "browser",
    "callers",
    "cheap_passwords",
    "client",
    "database",
    "make_report",
    "now",
    "parts",
    "school",
    "school_template",
    "site",
    "template",
    "unsynced",
]
