from __future__ import annotations

from grader.lms.places import Places


def test_places_are_counted_for_each_endpoint() -> None:
    places = Places(each=2)
    assert [places.take("a") for _ in range(3)] == [True, True, False]
    assert places.take("b")
    places.give_back("a")
    assert [places.take("a"), places.take("a"), places.take("b")] == [True, False, True]


def test_all_together_have_a_bound() -> None:
    places = Places(each=2, in_all=3)
    assert [places.take(one) for one in ("a", "a", "b", "b", "c")] == [True, True, True, False, False]
    places.give_back("a")
    assert places.take("c")
