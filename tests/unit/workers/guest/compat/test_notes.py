"""Notes are told once, short, and not without end."""

from __future__ import annotations

from workers.guest.compat.notes import MAX_NOTES, Notes, shown


def test_each_note_is_told_once() -> None:
    heard: list[tuple[str, dict[str, str]]] = []
    notes = Notes(lambda code, params: heard.append((code, params)))
    notes.old("np.int", "int")
    notes.old("np.int", "int")
    notes.add("not_trained_here")
    assert notes.claim() == [
        {"code": "old_spelling", "params": {"old": "np.int", "new": "int"}},
        {"code": "not_trained_here", "params": {}},
    ]
    assert [code for code, _ in heard] == ["old_spelling", "not_trained_here"]


def test_notes_are_bounded() -> None:
    notes = Notes()
    for number in range(1000):
        notes.old("x" * 1000, str(number))
    assert len(notes.claim()) == MAX_NOTES
    assert len(notes.claim()[0]["params"]["old"]) == 120


def test_a_value_as_it_is_written() -> None:
    assert (shown((3, 3)), shown("tf"), shown(None)) == ("(3, 3)", "'tf'", "None")
    assert shown(object()) == "<object>"
    assert shown([len, Notes, test_notes_are_bounded, [object()], True, 0.5]) == (
        "[len, Notes, test_notes_are_bounded, [<object>], True, 0.5]"
    )
    assert len(shown("x" * 1000)) < 50
