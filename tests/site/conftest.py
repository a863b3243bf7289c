"""Walks through the whole site of the small school; the unit tests of single pages have the same fixtures."""

from tests.quick import cheap_passwords, compiled_once, unsynced
from tests.school import database, make_report, now, parts, school, school_template, template
from tests.visitors import app, browser, callers, client, site

__all__ = [
    "app",
    "browser",
    "callers",
    "cheap_passwords",
    "client",
    "compiled_once",
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
