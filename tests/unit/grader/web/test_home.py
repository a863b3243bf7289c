from __future__ import annotations

from typing import Any


def test_names_are_text_and_never_markup(browser: Any, school: Any) -> None:
    name = '<script>alert("x")</script>'
    user = school.parts.accounts.store.add_user("x@example.edu", name, None, is_admin=False)
    school.parts.accounts.set_password(user.id, "a long enough password")
    browser.sign_in("x")
    assert "<script>alert" not in browser.client.get("/").text
