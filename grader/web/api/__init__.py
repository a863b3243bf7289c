"""The public interface, `/api/v1`: bearer tokens, JSON out, problem+json for what went wrong."""

from __future__ import annotations

from flask import Blueprint

from grader.web.api import assignments, submissions, tokens

api = Blueprint("api", __name__, url_prefix="/api/v1")
for part in (tokens.routes, assignments.routes, submissions.routes):
    api.register_blueprint(part)
