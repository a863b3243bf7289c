from __future__ import annotations

from workers.mutation.judge import Fate, Finding, Must
from workers.mutation.matrix import Tally, page, problems, trained_section, untrained_page
from workers.mutation.mutant import Aspect


def finding(
    operator="dropped", aspect=Aspect.LAYERS, must=Must.FAIL, fate=Fate.CAUGHT, check="layer_order", **more
):
    return Finding(more.pop("part", "model"), operator, "1. Dense", aspect, must, fate, check, **more)


CAUGHT = [finding() for _ in range(8)]
PASSES = [
    finding(must=Must.PASS, fate=Fate.PASSED, check=None),
    finding(must=Must.PASS, fate=Fate.EQUIVALENT, check=None),
]
TRAINED = finding("all zeros", Aspect.ACCURACY, check="accurate")
EXCUSED = finding("bias", Aspect.OPTIONS, fate=Fate.EXCUSED, check=None, reason="left open")


def test_figures():
    tally = Tally.of([*CAUGHT, *PASSES, EXCUSED])
    assert vars(tally) == {
        "mutants": 9, "caught": 8, "exceptions": 1, "equivalent": 1, "rewritings": 1, "passed": 1,
    }  # fmt: skip
    assert not problems([*CAUGHT, *PASSES, EXCUSED])


def test_a_rewriting_that_is_refused_is_a_problem():
    refused = finding("order", must=Must.PASS, fate=Fate.REFUSED, code="wrong_order_extra")
    assert problems([*CAUGHT, refused]) == [
        "model: order: 1. Dense [layers] refused by layer_order (wrong_order_extra)"
    ]
    assert Tally.of([refused]).rewritings == 1


def test_the_page_has_a_row_for_each_operator_and_a_column_for_each_check():
    text = untrained_page(
        {"small": [*CAUGHT, finding("units", Aspect.OPTIONS, check="layer_settings"), EXCUSED, TRAINED]}
    )
    assert "| operator | mutants | layer_order | layer_settings |" in text
    assert "| dropped | 8 | 8 |  |" in text
    assert "| units | 1 |  | 1 |" in text
    assert "- exception: model: bias: 1. Dense: left open" in text
    assert "zeros" not in text


def test_parts_have_rows_of_their_own():
    text = untrained_page({"two": [finding(), finding(part="other")]})
    assert "| part | operator |" in text
    assert "| other | dropped |" in text


def test_what_was_trained_stands_at_the_end():
    whole = page({"small": [*CAUGHT, TRAINED]})
    assert whole.startswith(untrained_page({"small": CAUGHT}))
    assert whole.endswith(trained_section({"small": [TRAINED]}))
    assert "| small | all zeros (model) | accurate |" in whole
    survivor = finding("all zeros", Aspect.ACCURACY, fate=Fate.SURVIVED, check=None)
    assert "**survived**" in trained_section({"small": [survivor]})
