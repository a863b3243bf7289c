"""Which ids a user may hand out, as subuid(5) has them; the namespace itself is made by the conformance suite."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from workers.sandbox import user_namespace
from workers.sandbox.user_namespace import Extent, NoUserNamespace, subordinate

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"other:100000:65536\n{ME}:165536:65536\n", [Extent(1, 165536, 65536)]),
        (f"{os.getuid()}:7000:10\n", [Extent(1, 7000, 10)]),
        (f"{ME}:7000:10\n{ME}:9000:5\n", [Extent(1, 7000, 10), Extent(11, 9000, 5)]),
        (f"# comment\n\n{ME}:x:y\n{ME}:7000:0\n{ME}:7000:3", [Extent(1, 7000, 3)]),
    ],
)
def test_ranges_of_a_user(text: str, expected: list[Extent], tmp_path: Path) -> None:
    (tmp_path / "subuid").write_text(text, encoding="utf-8")
    assert subordinate("uid", tmp_path) == expected


@pytest.mark.parametrize("text", [None, "", "other:100000:65536\n"])
def test_a_user_without_a_range_is_told_how_to_get_one(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "subgid").write_text(text, encoding="utf-8")
    with pytest.raises(NoUserNamespace, match=f"usermod --add-subuids .* {ME}"):
        subordinate("gid", tmp_path)


def test_capabilities_are_read_from_the_mask(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("CapPrm:\t000001ffffffffff\nCapEff:\t00000000000000e0\n", encoding="ascii")
    assert user_namespace.capabilities(status) == {5, 6, 7}
    assert user_namespace.capabilities(Path("/dev/null")) == frozenset()
