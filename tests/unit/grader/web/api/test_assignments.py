from __future__ import annotations

from typing import Any


def test_the_list_and_one_of_it(callers: Any) -> None:
    items = callers["ada"].get("/assignments").get_json()["items"]
    assert [item["slug"] for item in items] == ["dense", "conv"]
    one = callers["ada"].get(items[0]["url"].removeprefix("/api/v1")).get_json()
    assert (one["statement"], one["max_score"]) == ("Build a model.", 10.0)
    assert one["entry_points"] == ["build_model"]
    assert callers["ada"].get("/assignments/nonsense").status_code == 404
