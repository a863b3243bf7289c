"""The public interface, `/api/v1`: bearer tokens, JSON out, problem+json for what went wrong."""

from __future__ import annotations

from grader.web.api import assignments, causes, submissions, tokens

PREFIX = "/api/v1"
PARTS = (tokens.routes, assignments.routes, submissions.routes, causes.routes)
"""No cookie opens these, so they need no CSRF token."""
