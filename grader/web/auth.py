"""Signing in and out, one-time links, passwords. The cookie holds a random secret; the session lives in the database."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from grader.db.columns import utc_now
from grader.language import LANGUAGES
from grader.services.accounts import AccountError, Purpose, Throttled
from grader.services.ports import User
from grader.web.current import SESSION_KEY, client_address, page_user, wiring
from grader.web.limits import spend_sign_in
from grader.web.words import _, told

pages = Blueprint("auth", __name__)

P = ParamSpec("P")
R = TypeVar("R")
Answer = str | Response | tuple[str, int]


def signed_in(view: Callable[Concatenate[User, P], R]) -> Callable[P, R | Response]:
    """Hand the signed-in user to a view as its first argument; send everybody else to the sign-in page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        user = page_user()
        if user is None:
            wanted = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for("auth.sign_in", next=wanted))
        return view(user, *args, **kwargs)

    return guarded


def begin_session(user: User) -> None:
    """Sign somebody in under a fresh session; whatever the cookie held before is gone."""
    old = session.get(SESSION_KEY)
    if old is not None:
        wiring().accounts.end_session(old)
    session.clear()
    session[SESSION_KEY] = wiring().accounts.start_session(user.id, utc_now())
    session.permanent = False
    g.pop("page_user", None)
    g.pop("csrf_token", None)


def safe_next(target: str | None) -> str:
    """A path on this site, or the first page."""
    plain = target is not None and target.isprintable() and "\\" not in target
    if target is None or not plain or not target.startswith("/") or target.startswith("//"):
        return url_for("home.index")
    return target


@pages.get("/sign-in")
def sign_in() -> Answer:
    """The form."""
    if page_user() is not None:
        return redirect(safe_next(request.args.get("next")))
    return render_template("sign_in.html", next=request.args.get("next", ""))


@pages.post("/sign-in")
def sign_in_now() -> Answer:
    """Check the password; the same words for a wrong one and for an unknown address."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    wanted = request.form.get("next", "")
    spend_sign_in(email)
    try:
        user = wiring().accounts.verify(email, password, client_address(), utc_now())
    except Throttled as error:
        return render_template("sign_in.html", next=wanted, email=email, error=told(error)), 429
    if user is None:
        words = _("That address and password do not belong together.")
        return render_template("sign_in.html", next=wanted, email=email, error=words), 401
    begin_session(user)
    return redirect(safe_next(wanted))


@pages.post("/sign-out")
def sign_out() -> Answer:
    """End the session on both sides."""
    secret = session.get(SESSION_KEY)
    if secret is not None:
        wiring().accounts.end_session(secret)
    session.clear()
    return redirect(url_for("auth.sign_in"))


@pages.get("/link/<secret>")
def link(secret: str) -> Answer:
    """Show what a one-time link is for; nothing is consumed, since mail scanners look at links, too."""
    found = wiring().accounts.peek_link(secret, utc_now())
    if found is None:
        abort(404, _("This link was used already, or it is too old. Ask for a new one."))
    return render_template("link.html", secret=secret, person=found[0], purpose=found[1])


@pages.post("/link/<secret>")
def use_link(secret: str) -> Answer:
    """Consume a one-time link: sign in, and where a password is given, set it."""
    accounts, password = wiring().accounts, request.form.get("password", "")
    found = accounts.peek_link(secret, utc_now())
    if found is None:
        abort(404, _("This link was used already, or it is too old. Ask for a new one."))
    person, purpose = found
    if password or purpose is Purpose.RESET:
        try:
            accounts.check_password(password)
        except AccountError as error:
            page = render_template(
                "link.html", secret=secret, person=person, purpose=purpose, error=told(error)
            )
            return page, 422
    if accounts.use_link(secret, utc_now()) is None:
        abort(404, _("This link was used already, or it is too old. Ask for a new one."))
    if password:
        accounts.set_password(person.id, password)
    begin_session(person)
    return redirect(url_for("home.index"))


@pages.get("/account")
@signed_in
def account(user: User) -> Answer:
    """The forms for a new password and for the language."""
    return render_template("account.html", user=user)


@pages.post("/account/password")
@signed_in
def change_password(user: User) -> Answer:
    """A new password; every other session and token ends."""
    accounts, form = wiring().accounts, request.form
    try:
        known = not user.has_password or accounts.verify(
            user.email, form.get("current", ""), client_address(), utc_now()
        )
        if not known:
            return render_template(
                "account.html", user=user, error=_("The current password is a different one.")
            ), 403
        accounts.set_password(user.id, form.get("password", ""))
    except Throttled as error:
        return render_template("account.html", user=user, error=told(error)), 429
    except AccountError as error:
        return render_template("account.html", user=user, error=told(error)), 422
    begin_session(user)
    return redirect(url_for("auth.account", changed=1))


@pages.post("/account/language")
@signed_in
def choose_language(user: User) -> Answer:
    """The language of this person's pages and feedback; empty for whatever the browser asks for."""
    chosen = request.form.get("language", "")
    if chosen and chosen not in LANGUAGES:
        abort(422, _("There are no words in that language."))
    wiring().accounts.store.set_language(user.id, chosen)
    return redirect(url_for("auth.account"))


def template_user() -> dict[str, Any]:
    """What every template knows."""
    return {"me": page_user()}


pages.app_context_processor(template_user)
