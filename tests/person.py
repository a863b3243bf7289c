"""A person at a browser, over real HTTP: keeps cookies, follows links, fills in the forms that stand on a page."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

ANSWER_SECONDS = 60
"""A bound against hanging; a machine full of tests is slow."""


@dataclass
class Form:
    """One form of a page: where it goes, and what stands in its fields already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """Text, links and forms of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self._link: str | None = None
        self._choice = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._link = known.get("href")
        if tag == "form":
            self.forms.append(Form(known.get("action", "")))
        if tag in {"input", "textarea"} and self.forms and "name" in known and known.get("type") != "file":
            self.forms[-1].fields[known["name"]] = known.get("value", "")
        if tag == "select":
            self._choice = known.get("name", "")
        if (
            tag == "option"
            and self.forms
            and ("selected" in known or self._choice not in self.forms[-1].fields)
        ):
            self.forms[-1].fields[self._choice] = known.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words:
            self.said.append(words)
            if self._link is not None:
                self.links.setdefault(words, self._link)


class Person:
    """Somebody with a browser of their own; what they look at is `page`, its words are `text`."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self.status, self.address, self.page = 0, "", _Reader("")

    @property
    def text(self) -> str:
        """All words of the page."""
        return " ".join(self.page.said)

    def open(self, address: str, fields: dict[str, str] | None = None) -> None:
        """Go to an address, relative to the page or whole; with fields, send a form to it."""
        whole = urllib.parse.urljoin(self.address, address)
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        try:
            answer = self._opener.open(whole, data, timeout=ANSWER_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.status, self.address = answer.status, answer.url
            self.page = _Reader(answer.read().decode())

    def follow(self, words: str) -> None:
        """Click a link by its words."""
        assert words in self.page.links, f"no link {words!r} on {self.address}: {self.text}"
        self.open(self.page.links[words])

    def fill_in(self, **fields: str) -> None:
        """Send the form that has these fields, with whatever stands in the others."""
        fitting = [form for form in self.page.forms if fields.keys() <= form.fields.keys()]
        assert fitting, f"no form with {', '.join(fields)} on {self.address}: {self.text}"
        self.open(fitting[0].action or self.address, fitting[0].fields | fields)

    def sign_in_by(self, link: str, password: str) -> None:
        """Open a one-time link, choose a password, go on."""
        self.open(link)
        self.fill_in(password=password)
        assert self.status == 200, self.text

    def wait_for(self, words: str, seconds: float) -> None:
        """Look at the page again and again until it has these words."""
        until = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < until, f"never {words!r} on {self.address}: {self.text}"
            time.sleep(0.3)
            self.open(self.address)
