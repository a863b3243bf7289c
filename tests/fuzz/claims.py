"""Claims of guests, whole and damaged, and what must hold for each: models within bounds, or a message that renders."""

from __future__ import annotations

import copy
import json
import re
from random import Random

from hypothesis import strategies as st

from grader import wire
from grader.domain.assignment import Assignment, ChoiceBounds, EntryPoint, Part
from grader.domain.canonical import canonical
from grader.domain.description import Bounds, plain_model, read_model
from grader.domain.errors import Reason, StudentError
from grader.domain.layers import LAYERS, size_of
from grader.domain.message import Message
from grader.domain.probe import ProbeKind, ProbePlan
from grader.domain.training import TrainingPlan
from grader.messages import render
from tests.fuzz.layers import models, options
from tests.fuzz.respelled import respelled
from workers.extract import SandboxExtractor
from workers.sandbox.base import Finished
from workers.training.job import TrainingJob, dump_job

BOUNDS = Bounds()
PLAN = TrainingPlan("digits", 2, 32, "adam", "categorical_crossentropy")
CHOICE = ChoiceBounds(("adam", "sgd"), (8, 256), (1, 10))
ASSIGNMENT = Assignment(
    "a", "A", "v", "", "",
    (
        Part("model", EntryPoint("build_model", variables=("model",)), (8, 8, 3), PLAN, CHOICE),
        Part("loss", EntryPoint("my_loss"), (), None, probe=ProbePlan(ProbeKind.LOSS_FUNCTION, ((2, 2),))),
    ),
)  # fmt: skip
SETTING = {
    "optimizer": {"class": "Adam", "options": {"learning_rate": 0.001, "beta_1": 0.9}},
    "loss": {"name": "mse"},
    "metrics": [{"class": "AUC", "options": {"num_thresholds": 200}}, {"own": "mine", "gives": "a tensor"}],
}
NUMBER = {"shape": [], "values": [0.25]}
CASE = {
    "value": NUMBER, "returned": [], "gradient": {"shape": [2, 2], "values": [0.0, 0.5, 1.0, 0.25]},
    "losses": [], "metrics": {},
}  # fmt: skip
ERRORS = [
    {"code": "syntax_error", "reason": "bad_code", "params": {"detail": "invalid syntax", "text": "x =", "line": 1},
     "location": {"line": 1, "column": 4}},
    {"code": "exception_in_code", "reason": "bad_code", "location": {"line": 1, "column": None},
     "params": {"error": "NameError", "text": "no x", "trace": "…", "slip": "slip_name", "name": "x", "near": "y"}},
    {"code": "no_such_function", "reason": "bad_result", "params": {"wanted": "f", "found": "g", "nearest": "g"}},
    {"code": "memory", "reason": "memory_limit", "params": {}},
]  # fmt: skip
WORDS = [
    "Dense", "Lambda", "class", "options", "relu", "\u202egnp", "<img src=x>", "\ud800", "\0", "=1+1", "", "x" * 300,
    "InputLayer", "units", "shape",
]  # fmt: skip
SCALARS = (
    st.sampled_from(
        [0, -1, 1, 2**31, 2**53, 2**63 - 1, 65_536, 65_537, 1e308, -1e-308, 0.5, True, False, None]
    )
    | st.sampled_from(WORDS)
    | st.integers(-10, 300)
    | st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=8,
)
RAW = [
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 5000, b"9" * 19, b"-" + b"9" * 19, b"\xff", b"\xed\xa0\x80",
    b"[" * 5000, b'{"a":' * 200, b'"\\ud800"', b'"\\', b'"', b"}", b"]", b",", b'{"format": 1, "format": 2}', b"\x00",
    b"[" + b"0," * 3000 + b"0]",
]  # fmt: skip


class Saying:
    """A sandbox whose guest said just this."""

    name = "saying"
    degraded = ()

    def __init__(self, claim: bytes) -> None:
        self.claim = claim

    def run(self, job, limits):
        return Finished(claim=self.claim)


def claim_of(model, **more):
    """A whole claim about one model."""
    loss = {"name": "loss", "entry_point": "my_loss", "probe": {"cases": [CASE, copy.deepcopy(CASE)]}}
    part = {"name": "model", "entry_point": "build_model", "model": model, "compiled": copy.deepcopy(SETTING)}
    fit = {
        "epochs": 3, "batch_size": 32, "validation_split": 0.2, "optimizer": "adam", "loss": "mse", "learning_rate": 0.1,
        "params": 15,
    }  # fmt: skip
    return {
        "format": 1,
        "parts": [part, loss],
        "training": {"optimizer": "sgd", "epochs": 2},
        "notes": [{"code": "old_spelling", "params": {"old": "lr", "new": "learning_rate"}}],
        "fits": [fit],
    } | more


def _every_kind():
    """A model with every kind of layer side by side, so that damage reaches the options of each."""
    start = {"kind": "InputLayer", "name": "in", "trainable": True, "options": {"shape": [6]}}
    rows = [
        {"kind": kind, "name": kind.lower(), "trainable": True, "options": dict.fromkeys(("axis",), -1)}
        for kind in ("Softmax", "BatchNormalization", "LayerNormalization")
    ]
    layers = [start, *rows, {"kind": "Dense", "name": "d", "trainable": True, "options": {"units": 3}}]
    nodes = [{"layer": place, "inputs": [place - 1] if place else []} for place in range(len(layers))]
    return {"layers": layers, "nodes": nodes, "inputs": [0], "outputs": [len(nodes) - 1], "name": "m"}


SEEDS = [claim_of(_every_kind()), *({"format": 1, "error": error} for error in ERRORS)]


def places(value):
    """Every (container, key) in a plain value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from places(inner)


@st.composite
def damaged(draw, claims):
    """A claim with up to four places changed, doubled, taken away or exchanged."""
    claim = copy.deepcopy(draw(claims))
    inside = claim["parts"][0]["model"] if "parts" in claim and draw(st.booleans()) else claim
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(inside))
        if not found:
            break
        classes = [place for place in found if isinstance(place[0], dict) and "class" in place[0]]
        chosen = classes if classes and draw(st.booleans()) else found
        container, key = chosen[draw(st.integers(0, len(chosen) - 1))]
        what = draw(st.sampled_from(["replace", "replace", "remove", "double", "copy", "options"]))
        if what == "replace":
            container[key] = draw(JSON)
        elif what == "remove":
            del container[key]
        elif what == "double" and isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        elif what == "copy":
            other, place = found[draw(st.integers(0, len(found) - 1))]
            container[key] = copy.deepcopy(other[place])
        elif isinstance(container[key], dict) and "kind" in container[key]:
            kind = draw(st.sampled_from(sorted(LAYERS)))
            container[key].update(kind=kind, options=draw(options(kind)))
    return json.dumps(claim).encode()


@st.composite
def raw(draw, claims):
    """A claim's bytes, cut, spliced or with other bytes inside."""
    data = json.dumps(draw(claims)).encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        data = data[:start] + draw(st.sampled_from(RAW) | st.binary(max_size=12)) + data[end:]
    return data


@st.composite
def mistyped(draw, claims):
    """A claim with one number, or another whole value, written as something that JSON should not have."""
    data = json.dumps(draw(claims)).encode()
    found = list(re.finditer(rb"(?<=: )-?[0-9.e+-]+|(?<=: )(?:true|false|null)|(?<=: )\"[^\"]*\"", data))
    start, end = found[draw(st.integers(0, len(found) - 1))].span()
    return data[:start] + draw(st.sampled_from(RAW)) + data[end:]


@st.composite
def growing(draw):
    """One layer many times after itself: sizes that grow until they are refused."""
    larger = st.sampled_from(
        [
            {"kind": "UpSampling2D", "options": {"size": [32, 32]}},
            {"kind": "ZeroPadding2D", "options": {"padding": 256}},
            {"kind": "Conv2DTranspose", "options": {"filters": 8, "kernel_size": 3, "strides": 8}},
            {"kind": "DepthwiseConv2D", "options": {"kernel_size": 1, "depth_multiplier": 64}},
            {"kind": "SeparableConv2D", "options": {"filters": 64, "kernel_size": 64, "padding": "same"}},
            {"kind": "Dense", "options": {"units": 65_536}},
        ]
    )
    start = {
        "kind": "InputLayer",
        "options": {"shape": draw(st.sampled_from([[8, 8, 3], [65_536, 65_536, 8]]))},
    }
    grown = [
        {"name": "l", "trainable": True, **layer}
        for layer in (start, *[draw(larger)] * draw(st.integers(1, 199)))
    ]
    nodes = [{"layer": place, "inputs": [place - 1] if place else []} for place in range(len(grown))]
    return {"layers": grown, "nodes": nodes, "inputs": [0], "outputs": [len(nodes) - 1], "name": "m"}


MODELS = models().map(claim_of)
WHOLE = st.integers(0, 4).flatmap(lambda number: MODELS if number else st.sampled_from(SEEDS))
CLAIMS = (
    MODELS.map(lambda claim: json.dumps(claim).encode())
    | damaged(MODELS)
    | damaged(WHOLE)
    | mistyped(WHOLE)
    | growing().map(claim_of).map(lambda claim: json.dumps(claim).encode())
    | raw(WHOLE)
    | st.binary(max_size=200)
)


def judge(claim: bytes) -> str:
    """Read one claim as a worker does; the name of what came of it. Anything but a model or a StudentError raises."""
    try:
        found = SandboxExtractor(Saying(claim), seed=lambda: 1).extract("x = 1\n", ASSIGNMENT)
    except StudentError as error:
        shown_as_written(error)
        return error.reason.value
    for note in found.notes:
        assert _safe(render(note))
    for handed in found.parts.values():
        within_bounds(handed.model)
        one_form(handed.model)
    return "model"


def one_form(model):
    """Whatever is read again, or has its operands in another order and zeros with a minus, has the same form and key."""
    form = canonical(model)
    again = plain_model(model)
    for other in (again, respelled(again, Random(len(model.nodes)))):
        found = canonical(read_model(other, BOUNDS))
        assert (found, found.digest) == (form, form.digest)
        assert job_of(found) == job_of(form)


def job_of(form):
    """What a run is kept under, as text: 0.0 and -0.0 are equal, and not written alike."""
    return json.dumps(dump_job(TrainingJob(form, PLAN, 0, 1, "")))


def shown_as_written(error):
    """What a student is told renders, is safe to show, and travels."""
    assert isinstance(error.reason, Reason)
    shown = [render(message) for message in error.messages]
    assert shown
    assert all(_safe(line) for line in shown), shown
    assert not re.search(r"\bnan\b|\binf\b", " ".join(shown)), shown
    assert wire.loads(tuple[Message, ...], wire.dumps(error.messages)) == error.messages


def within_bounds(model, bounds=BOUNDS):
    """Every bound again, on what came out."""
    assert 0 < len(model.nodes) <= bounds.layers
    assert model.params <= bounds.params
    assert sum(map(size_of, model.shapes)) <= bounds.activations
    assert model.operations <= bounds.operations
    assert all(size >= 1 for shape in model.shapes for size in shape)
    assert all(len(named.name) <= 64 and _safe(named.name) for named in model.layers)
    assert wire.loads(type(model.table()), wire.dumps(model.table())) == model.table()


def _safe(text):
    return len(text) < 4000 and all(c in "\n\t" or (c.isprintable() or c == " ") for c in text)
