"""Changes to a library, and the way back."""

from __future__ import annotations

import inspect
from types import SimpleNamespace
from typing import Any

from workers.guest.compat.patches import Patches


class Base:
    def greet(self, name: str = "you") -> str:
        return f"hello {name}"


class Child(Base):
    def __init__(self, size: int) -> None:
        self.size = size


def louder(inner: Any, *args: Any, **kwargs: Any) -> str:
    return inner(*args, **kwargs).upper()


def test_everything_is_put_back_in_order() -> None:
    patches, owner = Patches(), SimpleNamespace(a=1, b=2)
    patches.set(owner, "a", 10)
    patches.set(owner, "a", 100)
    patches.set(owner, "c", 3)
    patches.remove(owner, "b")
    patches.remove(owner, "nothing")
    assert vars(owner) == {"a": 100, "c": 3}
    patches.undo()
    assert vars(owner) == {"a": 1, "b": 2}


def test_what_somebody_else_took_away_stays_away() -> None:
    patches, owner = Patches(), SimpleNamespace(a=1)
    patches.set(owner, "a", 2)
    patches.set(owner, "b", 2)
    del owner.b
    patches.undo()
    assert vars(owner) == {"a": 1}


def test_an_ancestor_stays_as_it_is() -> None:
    patches = Patches()
    patches.around(Child, "greet", louder)
    assert (Child(1).greet(), Base().greet()) == ("HELLO YOU", "hello you")
    patches.undo()
    assert "greet" not in vars(Child)
    assert Child(1).greet("me") == "hello me"


def test_what_is_there_is_not_replaced_by_an_offer() -> None:
    patches = Patches()
    patches.offer(Child, "greet", None)
    patches.offer(Child, "wave", "wave")
    assert Child.wave == "wave"  # type: ignore[attr-defined]
    assert Child.greet is Base.greet
    patches.undo()
    assert not hasattr(Child, "wave")


def test_a_constructor_shows_its_own_arguments() -> None:
    patches = Patches()
    patches.around(Child, "__init__", lambda inner, self, size: inner(self, 2 * size))
    assert Child(4).size == 8
    assert inspect.getfullargspec(Child.__init__).args == ["self", "size"]
    patches.undo()
    assert Child(4).size == 4
