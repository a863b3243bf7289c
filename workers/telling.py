"""What a guest or a sandbox says about a submission without a model, as a StudentError with words for its author."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from grader import messages
from grader.domain.assignment import Limits
from grader.domain.description import clean, is_shown
from grader.domain.errors import Location, Reason, StudentError
from grader.domain.message import Message, Scalar, message
from grader.services.notebook import in_words, locate
from workers import python_words, today
from workers.sandbox.base import (
    ClaimTooBig,
    Crashed,
    DiskFull,
    EndedEarly,
    Outcome,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)

GUEST_REASONS = (Reason.BAD_CODE, Reason.BAD_RESULT, Reason.BAD_MODEL)
UNCONFIRMED = {
    "memory_limit": "much_memory",
    "process_limit": "many_processes",
    "disk_limit": "much_disk",
}
"""Limits of which only the supervisor's counters can convince us, and what an error about them speaks of."""

GUEST_CODES = frozenset(
    {
        "syntax_error", "exception_in_code", "missing_module", "old_name", "wrong_name", "wrong_argument", "asks_input", "no_internet", "file_not_found",
        "no_such_function", "not_a_function", "returned_nothing", "wrong_return_type", "needs_arguments",
        "wrong_arguments", "lacks_arguments", "not_filled_in", "not_filled_in_name", "async_function", "generator_function", "ended_early", "undescribable",
        "no_such_class", "not_a_class", "wrong_base", "no_super_init", "no_self", "call_returned_nothing", "returned_no_number",
        "returned_too_much", "not_connected", "unbuilt", "custom_model", "custom_layer", "too_deep", "open_input_shape",
        "many_outputs", "layer_inside",
        "too_many_layers", "refused_call", "refused_dtype", "refused_operation",
    }
)  # fmt: skip
"""What a guest may say about a submission; anything else is a disturbed claim."""

SLIPS = frozenset(
    {
        "slip_name", "slip_import", "slip_no_name", "slip_attribute", "slip_missing_argument", "slip_option", "slip_word",
        "slip_too_small", "slip_channels_first", "slip_no_input", "slip_compares",
    }
)  # fmt: skip
"""A beginner's slips that a guest may see behind an exception."""

PACKAGES = frozenset(
    {
        "torch", "torchvision", "tensorflow", "keras", "cv2", "seaborn", "tqdm", "plotly", "skimage", "imageio", "jax", "flax",
        "theano", "scikeras", "keras_tuner", "kerastuner", "autokeras", "tensorflow_datasets", "tensorflow_hub",
        "tensorflow_probability", "tensorflow_addons", "tensorflow_model_optimization", "tensorflowjs", "onnx", "xgboost",
        "lightgbm", "catboost", "nltk", "gym", "gymnasium", "transformers", "datasets", "opencv", "wandb", "mlflow", "google",
        "bokeh", "sympy", "statsmodels", "requests", "bs4", "kaggle", "imgaug", "albumentations", "tables", "numba", "dask",
        "networkx", "pydot", "graphviz", "ipywidgets", "keras_cv", "keras_nlp", "keras_hub", "keras_contrib", "keras_applications",
    }
)  # fmt: skip
"""Packages that are somebody else's; whatever else cannot be imported is a file of the student's own."""

WORDS = {
    "optimizer": "word_optimizer",
    "activation function": "word_activation",
    "loss": "word_loss",
    "metric": "word_metric",
}
"""What `slip_word` is about, in the guest's words."""

MAX_TEXT = 600
MAX_LINE = 1_000_000
_LEFT_OF_CARET = 24


def limit_error(outcome: Outcome, limits: Limits) -> StudentError:
    """The report's reason for a job that did not finish; the sandbox decided it by its clock and its counters."""
    match outcome:
        case TimedOut(clock="cpu"):
            return StudentError(Reason.TIME_LIMIT, message("time_limit_cpu", seconds=limits.cpu_seconds))
        case TimedOut():
            return StudentError(Reason.TIME_LIMIT, message("time_limit_wall", seconds=limits.wall_seconds))
        case OutOfMemory():
            return StudentError(Reason.MEMORY_LIMIT, message("memory_limit", mib=limits.memory_mib))
        case TooManyProcesses():
            return StudentError(Reason.PROCESS_LIMIT, message("process_limit", processes=limits.processes))
        case TooMuchOutput():
            return StudentError(Reason.OUTPUT_LIMIT, message("output_limit", kib=limits.output_bytes // 1024))
        case DiskFull():
            return StudentError(Reason.DISK_LIMIT, message("disk_limit", mib=limits.disk_mib))
        case ClaimTooBig():
            return StudentError(Reason.TOO_BIG, message("description_too_big"))
        case EndedEarly(status=status):
            return StudentError(Reason.BAD_RESULT, message("ended_early_status", status=status or 0))
        case Crashed(signal=number):
            return StudentError(Reason.CRASHED, message("crashed", signal=number or 0))
    raise TypeError(outcome)


def printable(text: str) -> str:
    """What a student printed, safe to show: no control or direction characters but line ends and tabs."""
    return "".join(c for c in text if c in "\n\t" or is_shown(c))


def disturbed() -> StudentError:
    """A claim that is not as our own guest makes it: the submission got in its way."""
    return StudentError(Reason.BAD_RESULT, message("bad_claim"))


def told(error: Any, source: str) -> StudentError:
    """The guest's error as ours: a known reason, a known code, parameters that complete its sentence."""
    if not isinstance(error, Mapping):
        return disturbed()
    code, reason = error.get("code"), error.get("reason")
    location = read_location(error.get("location"), source)
    if isinstance(reason, str) and reason in UNCONFIRMED:
        # The supervisor's counters saw no limit reached: the code raised the error that a limit would have caused.
        unconfirmed = message("unconfirmed_limit", what=message(UNCONFIRMED[reason]))
        return StudentError(
            Reason.BAD_CODE, unconfirmed, *_place((unconfirmed,), location), location=location
        )
    if not isinstance(code, str) or code not in GUEST_CODES or reason not in GUEST_REASONS:
        return disturbed()
    params = error.get("params")
    params = (
        {clean(key): _scalar(value) for key, value in params.items()} if isinstance(params, Mapping) else {}
    )
    try:
        told = (*_sentences(code, params, location), *_where(params))
        told = (*told, *_place(told, location))
        for sentence in told:
            messages.render(sentence)
    except (KeyError, IndexError, ValueError, TypeError):
        return disturbed()
    return StudentError(Reason(reason), *told, location=location)


def _place(told: tuple[Message, ...], location: Location | None) -> tuple[Message, ...]:
    """Where to look, unless that is said already."""
    if location is None or location.line is None or any(one.code in messages.SAY_WHERE for one in told):
        return ()
    return (message("look_at", place=in_words(location)),)


def _where(params: Mapping[str, Any]) -> tuple[Message, ...]:
    """Which case of a probe a message is about."""
    case = params.get("case")
    return (message("probe_case", case=case),) if isinstance(case, str) else ()


def _scalar(value: Any) -> str | int | float | bool | None:
    if isinstance(value, str):
        return printable(value)[:MAX_TEXT]
    return value if value is None or isinstance(value, bool | int | float) else None


def read_location(value: Any, source: str) -> Location | None:
    """The place that a guest tells, as a reader finds it; None for what is none."""
    if not isinstance(value, Mapping):
        return None
    places = (value.get("line"), value.get("column"))
    line, column = (place if type(place) is int and 0 < place < MAX_LINE else None for place in places)
    return locate(source, line, column)


def _sentences(code: str, params: Mapping[str, Any], location: Location | None) -> tuple[Message, ...]:
    special: Mapping[str, Callable[..., tuple[Message, ...]]] = {
        "syntax_error": _syntax_error,
        "no_such_function": _no_such_function,
        "no_such_class": _no_such_class,
        "not_a_function": _not_a_function,
        "exception_in_code": _exception,
        "missing_module": _missing_module,
        "old_name": _old_name,
    }
    if code in special:
        return special[code](params, location)
    return (Message(code, params),)


def _old_name(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    return (message("old_name", old=params["old"], new=today.in_words(str(params["new"]))),)


def _syntax_error(params: Mapping[str, Any], location: Location | None) -> tuple[Message, ...]:
    line = location.line if location else None
    detail = str(params["detail"]).rstrip(".? ")
    told = [message("syntax_error", line=line, detail=detail)]
    if location and location.cell:
        told = [message("syntax_error_in_cell", line=line, cell=location.cell, detail=detail)]
    text = str(params.get("text") or "").rstrip()
    if text:
        column = min((location.column if location else None) or 1, len(text) + 1)
        told += _marked(text, column)
    return (*told, python_words.of_syntax(detail))


def _marked(text: str, column: int) -> tuple[Message, Message]:
    """A line of code and a caret below its character. Of a long line, what is around it: a telephone shows 40 letters."""
    if column > _LEFT_OF_CARET + 1:
        text, column = f"…{text[column - 1 - _LEFT_OF_CARET :]}", _LEFT_OF_CARET + 2
    # A tab before the caret stays a tab, and what is as wide as a Chinese letter gets a space of that width.
    indent = "".join(_space_like(letter) for letter in text[: column - 1])
    return message("code_line", text=text), message("code_caret", caret=f"{indent}^")


def _space_like(letter: str) -> str:
    if letter == "\t":
        return letter
    return "\u3000" if unicodedata.east_asian_width(letter) in "WF" else " "


def _no_such_function(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    if not params["found"]:
        return (message("no_names", wanted=params["wanted"]),)
    code = "no_such_function_nearest" if params.get("nearest") else "no_such_function"
    return (Message(code, params),)


def _not_a_function(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    code = "class_in_place_of_function" if params["kind"] == "class" else "not_a_function"
    return (Message(code, params),)


def _no_such_class(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    code = "no_such_class_nearest" if params.get("nearest") else "no_such_class"
    return (Message(code, {**params, "found": params["found"] or message("none")}),)


def _missing_module(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    name = str(params["module"]).partition(".")[0]
    if not params.get("nearest") and name.isidentifier() and name.lower() not in PACKAGES:
        return (message("helper_module", module=name), message("helper_module_here", module=name))
    return (Message("missing_module_nearest" if params.get("nearest") else "missing_module", params),)


def _exception(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    error, text = str(params["error"]), str(params["text"]).strip()
    told = message("exception_in_code", error=error, text=text)
    if not text:
        told = message("exception_without_words", error=error)
    trace = str(params.get("trace") or "")
    traced = python_words.of_trace(trace) if trace else ()
    return (told, *(_slip(params) or python_words.of_error(error, text, trace)), *traced)


def _slip(params: Mapping[str, Any]) -> tuple[Message, ...]:
    """What a beginner most likely got wrong, as the guest guesses it."""
    code = params.get("slip")
    if not isinstance(code, str) or code not in SLIPS:
        return ()
    told: dict[str, Scalar | Message] = {
        name: clean(params[name], 120) for name in ("name", "near", "of", "what") if name in params
    }
    if code == "slip_word":
        told["of"] = message(WORDS.get(str(params.get("of")), "word_metric"))
    return (Message(code, told),)
