"""The site of the small school, and who visits it: tests/visitors.py."""

from tests.visitors import app, browser, callers, client, site

__all__ = ["app", "browser", "callers", "client", "site"]
