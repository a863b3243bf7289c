"""Rows: how this side reads an upload, a claim and a training, all of which strangers made."""

from __future__ import annotations

from tests.hostile.defence import Defence
from tests.hostile.switching import Change

_SOURCE = "grader/services/source.py"
_KIND = "grader/services/file_kind.py"
_WIRE = "grader/wire.py"
_DESCRIPTION = "grader/domain/description.py"
_OPTION = "grader/domain/layers/option.py"
_BASE = "grader/domain/layers/base.py"
_TELLING = "workers/telling.py"
_EXTRACT = "workers/extract.py"
_GRADED = '"verdict": "failed"'
_FULL_POINTS = '"verdict": "passed"'


def _never(file: str, condition: str) -> tuple[Change, ...]:
    """An `if` that never holds."""
    return (Change(file, f"if {condition}:\n", "if False:\n"),)


_ANY_ORDER = Change(
    _DESCRIPTION, '    _need(all(source < place for source in sources), message("bad_claim"))\n', ""
)
_TOO_SOON = {"cpu_seconds": 1.0, "address_space_gib": 8}

ROWS = (
    Defence(
        "Size of an upload",
        "256 KiB of code",
        (
            Change(_SOURCE, "elif len(unicode) > MAX_CODE_BYTES:\n", "elif False:\n"),
            *_never(_SOURCE, "size > MAX_CODE_BYTES"),
        ),
        "uploads/too_large",
        '"reason": "bad_result"',
        together="Bytes are counted before they are decoded, and text after: both are off.",
    ),
    Defence(
        "NUL in an upload",
        "Python would end there, and other readers go on",
        _never(_SOURCE, '"\\0" in text'),
        "uploads/null_bytes",
        '"reason": "bad_code"',
    ),
    Defence(
        "Archives",
        "a program behind an archive is no program",
        (*_never(_KIND, "data.startswith(start)"), *_never(_SOURCE, '"\\0" in text')),
        "uploads/zip_that_is_python",
        '"reason": "bad_code"',
        together="An archive has NUL characters, too: both are off.",
    ),
    Defence(
        "Values of a claim",
        "counted before any is made",
        _never(_WIRE, "values > max_values"),
        "forged_claim/many_values",
        '"reason": "bad_result"',
    ),
    Defence(
        "Depth of a claim",
        "counted before any is made",
        _never(_WIRE, "depth > max_depth"),
        "forged_claim/deep_json",
        '"reason": "bad_result"',
    ),
    Defence(
        "Keys that appear twice",
        "two readers would see different things",
        _never(_WIRE, "len(result) != len(pairs)"),
        "forged_claim/keys_that_appear_twice",
        _GRADED,
    ),
    Defence(
        "Numbers that are none",
        "NaN and infinity are no JSON",
        (Change(_WIRE, "            parse_constant=_refuse_constant,\n", ""),),
        "forged_claim/not_a_number",
        '"reason": "bad_model"',
    ),
    Defence(
        "Numbers within bounds",
        "an option that is no number is refused even if it came through",
        (
            Change(_WIRE, "            parse_constant=_refuse_constant,\n", ""),
            Change(_OPTION, "if not ok or not low <= value <= high:  # NaN", "if not ok:  # NaN"),
        ),
        "forged_claim/not_a_number",
        "nan has no place in JSON",
        together="The reader of JSON refuses it first: both are off. Its report could not be written then.",
    ),
    Defence(
        "Whole numbers within bounds",
        "no negative size, none that is too large",
        (
            Change(
                _OPTION,
                "not isinstance(value, int) or not low <= value <= high:",
                "not isinstance(value, int):",
            ),
        ),
        "forged_claim/negative_size",
        _GRADED,
    ),
    Defence(
        "Whole numbers of 64 bits",
        "a database and other readers take no more",
        (Change(_WIRE, "    return _within_64_bits(int(text) if", "    return (int(text) if"),),
        "forged_claim/number_beyond_64_bits",
        _FULL_POINTS,
    ),
    Defence(
        "Numbers that overflow",
        "an infinity that is written as digits is none the less",
        (Change(_WIRE, "            parse_float=_finite,\n", ""),),
        "forged_claim/number_that_overflows",
        _FULL_POINTS,
    ),
    Defence(
        "The format of a claim",
        "one that we know",
        (Change(_EXTRACT, ' or value.get("format") != 1:', ":"),),
        "forged_claim/another_format",
        _FULL_POINTS,
    ),
    Defence(
        "The number of parts",
        "as many as were asked for",
        (Change(_EXTRACT, " or len(described) != len(assignment.parts):", ":"),),
        "forged_claim/two_parts",
        "is longer than",
    ),
    Defence(
        "Names of parts",
        "each answers for itself",
        (Change(_EXTRACT, ' or (named and item.get("name") != part.name):', ":"),),
        "forged_claim/part_of_another_name",
        _FULL_POINTS,
    ),
    Defence(
        "Trained or not",
        "is told by true or false",
        (Change(_DESCRIPTION, '    _need(isinstance(trainable, bool), message("bad_claim"))\n', ""),),
        "forged_claim/trainable_that_is_text",
        _FULL_POINTS,
    ),
    Defence(
        "True is no place",
        "Python takes it for the second node",
        (Change(_DESCRIPTION, "and not isinstance(place, bool) and 0", "and 0"),),
        "forged_claim/place_that_is_true",
        _FULL_POINTS,
    ),
    Defence(
        "Inputs of a layer",
        "as many as it takes",
        _never(_DESCRIPTION, "not fewest <= len(sources) <= most"),
        "forged_claim/dense_of_two_inputs",
        '"verdict": "',
    ),
    Defence(
        "Inputs of a network",
        "each its own layer, and named once",
        (
            Change(
                _DESCRIPTION,
                "inputs == set(model.inputs) and len(inputs) == len(model.inputs),",
                "inputs == set(model.inputs),",
            ),
        ),
        "forged_claim/inputs_named_twice",
        '"verdict": "',
    ),
    Defence(
        "Flags",
        "one is not true",
        _never(_OPTION, "not isinstance(value, bool)"),
        "forged_claim/bias_that_is_one",
        _FULL_POINTS,
    ),
    Defence(
        "The list of activations",
        "one that is not on it is refused by name",
        (Change(_OPTION, "        if name in ACTIVATIONS:\n", "        if True:\n"),),
        "forged_claim/activation_of_its_own",
        _GRADED,
    ),
    Defence(
        "True is no number",
        "Python takes it for 1",
        (
            Change(
                _OPTION,
                "if isinstance(value, bool) or not isinstance(value, int) or",
                "if not isinstance(value, int) or",
            ),
        ),
        "forged_claim/size_that_is_true",
        _GRADED,
    ),
    Defence(
        "The list of layers",
        "a layer that is not on it is refused by name",
        (
            Change(
                _DESCRIPTION,
                'raise _refuse("unknown_layer", kind=kind)',
                'return NamedLayer(name, LAYERS["Identity"](), trainable)',
            ),
        ),
        "forged_claim/layer_of_its_own",
        _FULL_POINTS,
    ),
    Defence(
        "The list of options",
        "an option that the layer has not got is refused",
        _never(_BASE, "name not in cls.ignored"),
        "forged_claim/option_of_its_own",
        "'anything'",
    ),
    Defence(
        "Number of layers",
        "200",
        _never(_DESCRIPTION, "max(len(layers), len(nodes)) > bounds.layers"),
        "forged_claim/layers_without_end",
        _GRADED,
    ),
    Defence(
        "Number of weights",
        "20 million",
        _never(_DESCRIPTION, "model.params > bounds.params"),
        "forged_claim/weights_without_end",
        _GRADED,
    ),
    Defence(
        "Numbers between layers",
        "50 million for one sample",
        (
            *_never(_DESCRIPTION, "size_of(shapes[-1]) > bounds.activations"),
            *_never(_DESCRIPTION, "sum(sizes) > bounds.activations"),
        ),
        "forged_claim/numbers_without_end",
        _GRADED,
        together="One layer's are counted at once, all of them at the end: both are off.",
    ),
    Defence(
        "Multiplications",
        "five billion for one sample",
        _never(_DESCRIPTION, "model.operations > bounds.operations"),
        "forged_claim/work_without_end",
        _GRADED,
    ),
    Defence(
        "Nodes are joined",
        "each leads to an output",
        (
            Change(
                _DESCRIPTION,
                '    _need(len(used) == len(model.nodes), message("not_connected"))\n',
                "",
            ),
        ),
        "forged_claim/layer_that_leads_nowhere",
        '"verdict": "',
    ),
    Defence(
        "Nodes come in order",
        "none takes its own output",
        (_ANY_ORDER, Change(_DESCRIPTION, "_places(inputs, max(place, 1)) if", "_places(inputs, 10**6) if")),
        "forged_claim/node_that_points_at_itself",
        "index out of range",
        together="Every place is within what came before, and smaller than its own: both are off.",
    ),
    Defence(
        "Nodes within range",
        "no layer and no node is beyond the ends, and none is counted from behind",
        (Change(_DESCRIPTION, "and not isinstance(place, bool) and 0 <= place < count for", "for"),),
        "forged_claim/layer_before_the_first",
        _FULL_POINTS,
    ),
    Defence(
        "Shared layers",
        "one set of weights fits every use",
        _never(
            _DESCRIPTION, "not same or [len(shape) for shape in inputs] != [len(shape) for shape in first]"
        ),
        "forged_claim/layer_of_two_sizes",
        _GRADED,
    ),
    Defence(
        "Names in claims",
        "one line, without controls and changes of direction",
        (Change(_DESCRIPTION, "if is_shown(c) or unicodedata.category(c) in LINE_ENDS)", "if c)"),),
        "forged_claim/name_full_of_controls",
        "control characters shown",
    ),
    Defence(
        "Printed text",
        "no escapes of terminals",
        (Change(_TELLING, 'if c in "\\n\\t" or is_shown(c))', "if c)"),),
        "exhaustion/errors_without_end",
        "control characters shown",
    ),
    Defence(
        "Names of entry points",
        "one of those that were asked for",
        _never(_EXTRACT, "not isinstance(found, str) or found not in names"),
        "forged_claim/another_entry_point",
        _FULL_POINTS,
    ),
    Defence(
        "Reasons of a claim",
        "limits are the supervisor's to tell",
        (Change(_TELLING, " or reason not in GUEST_REASONS:", ":"),),
        "forged_claim/limit_of_its_own",
        '"reason": "time_limit"',
    ),
    Defence(
        "Budget of work",
        "counted before any weight exists",
        (Change("workers/training/budget.py", "if fitting >= plan.epochs:\n", "if True:\n"),),
        "training/work_beyond_every_budget",
        "about the model",
        trainer=_TOO_SOON,
    ),
    Defence(
        "Budget of memory",
        "counted before any weight exists",
        _never("workers/training/budget.py", "needed > limit"),
        "training/memory_beyond_every_budget",
        "about the model",
        trainer=_TOO_SOON,
    ),
    Defence(
        "Predictions that are no numbers",
        "count as wrong",
        (
            Change(
                "workers/training/score.py", "== dataset.test_y) & finite))", "== dataset.test_y) | ~finite))"
            ),
        ),
        "training/ends_in_no_number",
        '"verdict": "',
    ),
)
