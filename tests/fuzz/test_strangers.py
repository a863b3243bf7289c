"""Frames, notebooks, rosters and words of workers, whole and damaged, end in what was asked for or in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.strangers import Site, kinds, site

EXAMPLES = {"frames": 150, "notebooks": 100, "rosters": 60, "words": 60}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as made:
        yield made


@pytest.mark.parametrize("kind", EXAMPLES)
def test_whatever_comes_is_judged(kind, there):
    strategy, judge = kinds(there)[kind]
    outcomes = set()

    @settings(
        max_examples=EXAMPLES[kind], derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def many(data):
        outcomes.add(judge(data.draw(strategy)))

    many()
    assert len(outcomes) > 1, "some are whole, some are not"
