"""The web server: `create_app(settings)` is the composition root."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from grader.db.patience import WEB
from grader.keys import server_keys
from grader.settings import Settings
from grader.visible import visible
from grader.web import (
    admission,
    auth,
    causes,
    courses,
    dashboard,
    errors,
    health,
    home,
    metrics,
    policy_reports,
    reports,
    security,
    student,
    webhooks,
    words,
)
from grader.web.api import PARTS, PREFIX
from grader.web.current import EXTENSION
from grader.wiring import Wiring

HARD_CAP_BYTES = 25 * 1024 * 1024


def create_app(settings: Settings, wiring: Wiring | None = None) -> Flask:
    """The whole site; the database must be migrated already."""
    app = Flask("grader.web")
    app.jinja_options = {**app.jinja_options, "finalize": _finalize}  # before anything asks for the templates
    app.debug = False  # whatever FLASK_DEBUG says
    https = settings.public_url.startswith("https:")
    app.config.update(
        SECRET_KEY=read_secret_key(settings),
        SECRET_KEY_FALLBACKS=read_older_keys(settings),
        MAX_CONTENT_LENGTH=HARD_CAP_BYTES,
        MAX_FORM_MEMORY_SIZE=HARD_CAP_BYTES,
        MAX_FORM_PARTS=20,
        SESSION_COOKIE_NAME="__Host-grader" if https else "grader",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        WTF_CSRF_TIME_LIMIT=None,
    )
    parts = wiring or Wiring(settings, database_patience=WEB)
    app.extensions[EXTENSION] = parts
    app.logger.info("%d assignments", len(parts.shelf.assignments))
    words.register(app)
    admission.register(app, settings)
    csrf = CSRFProtect(app)
    for part in PARTS:
        csrf.exempt(part)
        app.register_blueprint(part, url_prefix=PREFIX)
    for part in (webhooks.inbound, policy_reports.pages):
        csrf.exempt(part)
    app.register_blueprint(webhooks.inbound)
    for blueprint in (
        auth,
        home,
        courses,
        student,
        reports,
        dashboard,
        causes,
        webhooks,
        health,
        policy_reports,
    ):
        app.register_blueprint(blueprint.pages)
    metrics.register(app, settings)
    errors.register(app)
    security.register(app, https=https)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _finalize(value: object) -> object:
    """Every text that a template shows; markup was made of texts that came through here, or by `render_markdown`."""
    return visible(value) if type(value) is str else value


def read_secret_key(settings: Settings) -> str:
    """The key that signs cookies: from its file, or made once in the data folder, readable by its owner alone."""
    return server_keys(settings)[0]


def read_older_keys(settings: Settings) -> list[str]:
    """Keys whose signatures still count, from the further lines of the file: so a key is changed without signing out."""
    return server_keys(settings)[1:]
