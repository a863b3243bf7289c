from __future__ import annotations

import pytest

from workers.guest.job import parse

LIMITS = {
    "cpu_seconds": 1.0,
    "wall_seconds": 2.0,
    "memory_mib": 3,
    "processes": 4,
    "disk_mib": 5,
    "kept_output_bytes": 6,
    "output_bytes": 7,
    "description_bytes": 8,
}
FRAME = {
    "format": 1,
    "job": "abc",
    "source": "x = 1",
    "parts": [
        {
            "name": "model",
            "entry_point": {
                "name": "HappyModel",
                "arguments": [[64, 64, 3], "a", {"b": [1]}],
                "other_functions": ["happyModel"],
                "variables": ["model"],
            },
            "input_shape": [64, 64, 3],
        }
    ],
    "limits": LIMITS,
    "preload": True,
}


def test_lists_become_tuples() -> None:
    (part,) = parse(FRAME).parts
    assert part.arguments == ((64, 64, 3), "a", {"b": [1]})
    assert part.input_shape == (64, 64, 3)
    assert part.functions == ("HappyModel", "happyModel")


def test_limits_have_their_names() -> None:
    assert parse(FRAME).limits.description_bytes == 8


@pytest.mark.parametrize("change", [{"format": 2}, {"limits": {}}, {"limits": {**LIMITS, "more": 1}}])
def test_another_format_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        parse({**FRAME, **change})
