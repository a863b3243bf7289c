"""What a piece of code would bind, change and read, told by its tree: for code that stopped before it had done so.

Names are roots: `model.layers[0].units = 3` changes `model`, or the path `model.layers` where a student's own object
holds what is changed. Methods of a closed list read only; every other one may change what it is called on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from .magics import SHELL

Reached = tuple[str, ...]

READING = frozenset(
    {"fit", "fit_generator", "evaluate", "evaluate_generator", "predict", "predict_generator", "predict_classes", "predict_proba", "train_on_batch",
     "test_on_batch", "predict_on_batch", "compile", "summary", "save", "save_weights", "load_weights", "set_weights", "export", "to_json", "to_yaml",
     "count_params", "plot", "plot_model", "show", "savefig", "imshow", "hist", "scatter", "head", "tail", "describe", "info", "print", "write", "keys",
     "values", "items", "copy", "count", "index", "format", "join", "split", "strip", "shape", "astype", "reshape", "mean", "std", "sum", "max", "min",
     "argmax", "numpy", "score", "transform"}
)  # fmt: skip
"""Methods that leave a network's layers as they are; so does every `get_…`, `plot_…` and `is_…`."""

_CHANGING = frozenset(
    {"add", "append", "extend", "insert", "pop", "remove", "clear", "update", "setdefault", "build"}
)
"""Methods that change what they belong to even where they are handed on uncalled, as in `map(model.add, layers)`."""


_BY_NAME = (("getattr",), ("setattr",), ("delattr",))
LOADING = frozenset(
    {"load_model", "model_from_json", "model_from_yaml", "model_from_config", "from_pretrained", "load"}
)
"""Functions that make a model of what lies in a file."""


def loads(statement: ast.stmt) -> bool:
    """Whether a statement puts a name on what lies in a file: `model = load_model("best.h5")`."""
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    return (
        isinstance(value, ast.Call) and path_of(value.func)[-1:] != () and path_of(value.func)[-1] in LOADING
    )


def only_reads(method: str) -> bool:
    """Whether a method of this name leaves what it is called on as it is."""
    return method in READING or method.startswith(("get_", "plot_", "is_"))


@dataclass(frozen=True)
class Call:
    """A call by name: `function` is the path of what is called, each argument the paths within it, None for `*more`.

    Where a method of what another call gives is called, as in `make(x).add(y)`, `made_of` has the paths within that one.
    """

    function: Reached
    positional: tuple[frozenset[Reached] | None, ...]
    keywords: tuple[tuple[str | None, frozenset[Reached]], ...]
    hands_on_code: bool
    made_of: frozenset[Reached] | None = None

    def arguments(self) -> Iterator[Reached]:
        """Every path that is handed over."""
        for one in self.positional:
            yield from one or ()
        for _, paths in self.keywords:
            yield from paths


@dataclass
class Effects:
    """What code does by its tree. `methods` are calls that may change what they are called on.

    `aliases` are pairs: whoever changes the first changes the second.
    """

    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    changes: set[Reached] = field(default_factory=set)
    methods: set[tuple[Reached, str]] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    aliases: set[tuple[str, Reached]] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    star: bool = False

    def by_any_name(self, changed: Iterable[Reached]) -> set[Reached]:
        """What is changed, and what that is another name for."""
        found = set(changed)
        while True:
            more = {source for name, source in self.aliases for path in found if path[0] == name} - found
            if not more:
                return found
            found |= more


def of(code: Iterable[ast.AST]) -> Effects:
    """The effects of statements, nested blocks included; functions that they define are not run by that."""
    look = _Look()
    for node in code:
        look.visit(node)
    return look.effects


def of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Effects:
    """The effects of running a function's body."""
    return of([node.body] if isinstance(node, ast.Lambda) else node.body)


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Sequence[str]:
    """Names of positional parameters, in order."""
    return [each.arg for each in (*node.args.posonlyargs, *node.args.args)]


def all_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """Names of all parameters."""
    rest = [each for each in (node.args.vararg, node.args.kwarg) if each]
    return {*parameters(node), *(each.arg for each in (*node.args.kwonlyargs, *rest))}


def path_of(node: ast.AST) -> Reached:
    """Where an expression hangs: `model.layers[0]` at `model.layers`; empty where it hangs on no name."""
    attributes: list[str] = []
    while True:
        if isinstance(node, ast.Name):
            return (node.id, *reversed(attributes))
        if isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript) and _names_a_global(node):
            return (node.slice.value, *reversed(attributes))  # type: ignore[attr-defined]
        elif isinstance(node, ast.Subscript | ast.Starred | ast.Await):
            attributes.clear()
            node = node.value
        elif isinstance(node, ast.NamedExpr):
            node = node.value
        elif isinstance(node, ast.Call):
            attributes.clear()
            node = node.func
        else:
            return ()


def _names_a_global(node: ast.Subscript) -> bool:
    """`globals()["model"]`."""
    of_names = isinstance(node.value, ast.Call) and path_of(node.value.func) in (
        ("globals",),
        ("locals",),
        ("vars",),
    )
    return of_names and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)


class _Look(ast.NodeVisitor):
    """Collects effects; Python's own visitor finds the method for each kind of node by its name."""

    def __init__(self) -> None:
        self.effects = Effects()

    def visit_Name(self, node: ast.Name) -> None:
        (self.effects.reads if isinstance(node.ctx, ast.Load) else self.effects.binds).add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._store(node)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._store(node)
        self.generic_visit(node)

    def _store(self, node: ast.Attribute | ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Load):
            return
        owner = path_of(node.value)
        if owner:
            self.effects.changes.add((*owner, node.attr) if isinstance(node, ast.Attribute) else owner)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.effects.reads.add(node.target.id)
            self.effects.changes.add((node.target.id,))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._alias(target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._alias(node.target, node.value)
            self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._alias(node.target, node.value)
        self.generic_visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._alias(node.target, node.iter)
        self.generic_visit(node)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._alias(node.optional_vars, node.context_expr)
        self.generic_visit(node)

    def _alias(self, target: ast.AST, value: ast.AST) -> None:
        """Each name of the target may be another name for each thing in the value."""
        names = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
        for path in _things(value):
            self.effects.aliases.update((name, path) for name in names)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._alias(node.target, node.iter)
        self.visit(node.iter)
        for condition in node.ifs:
            self.visit(condition)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and not only_reads(node.func.attr):
            self.effects.methods.update((owner, node.func.attr) for owner in _owners(node.func.value))
        function = path_of(node.func)
        self.effects.star |= function == (SHELL, "run")
        by_name = node.func if isinstance(node.func, ast.Call) else node
        if path_of(by_name.func) in _BY_NAME and by_name.args and path_of(by_name.args[0]):
            # `getattr(model, "add")` is what it gives, and only calling that changes anything.
            called = by_name is not node or path_of(node.func) != ("getattr",)
            self.effects.changes.update({path_of(by_name.args[0])} if called else ())
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
            maker = node.func.value
            function = (*path_of(maker.func), node.func.attr) if path_of(maker.func) else ()
            made_of = frozenset(path for each in (*maker.args, *maker.keywords) for path in _within(each))
            self.effects.calls.append(replace(_call(function, node), made_of=made_of)) if function else None
        elif function:  # also what another call gives, as in `methodcaller("add", layer)(model)`
            self.effects.calls.append(_call(function, node))
        for given in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(given, ast.Attribute) and given.attr in _CHANGING and path_of(given.value):
                self.effects.changes.add(path_of(given.value))
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.effects.binds.update((one.asname or one.name).partition(".")[0] for one in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        names = {one.asname or one.name for one in node.names}
        self.effects.star |= "*" in names
        self.effects.binds |= names - {"*"}

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.effects.binds.add(node.name)
        for each in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(each)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.effects.binds.add(node.name)
        for each in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(each)
        self.effects.reads |= of(node.body).reads

    def visit_Global(self, node: ast.Global) -> None:
        self.effects.globals.update(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.effects.binds.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name:
            self.effects.binds.add(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        if node.name:
            self.effects.binds.add(node.name)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.effects.binds.add(node.rest)
        self.generic_visit(node)


def _owners(node: ast.AST) -> Iterator[Reached]:
    """What a method is called on: one thing, or one of several as in `(first or second).add(x)`."""
    path = path_of(node)
    if path:
        yield path
    elif isinstance(node, ast.IfExp | ast.BoolOp):
        yield from _things(node)


def _things(value: ast.AST) -> Iterator[Reached]:
    """The things that a value may be, or may hold: not those that it is calculated from."""
    if isinstance(value, ast.Name | ast.Attribute | ast.Subscript):
        path = path_of(value)
        if path:
            yield path
    elif isinstance(
        value,
        ast.Tuple | ast.List | ast.Set | ast.IfExp | ast.BoolOp | ast.Starred | ast.NamedExpr | ast.Dict,
    ):
        for child in ast.iter_child_nodes(value):
            yield from _things(child)
    elif isinstance(value, ast.Call):  # zip(models, names), enumerate(layers), reversed(…)
        for child in value.args:
            yield from _things(child)


def _call(function: Reached, node: ast.Call) -> Call:
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return Call(
        function,
        tuple(None if isinstance(each, ast.Starred) else _within(each) for each in node.args),
        tuple((keyword.arg, _within(keyword.value)) for keyword in node.keywords)
        + tuple((None, _within(each)) for each in node.args if isinstance(each, ast.Starred)),
        any(isinstance(each, ast.Lambda) for each in given),
    )


def _within(node: ast.AST) -> frozenset[Reached]:
    """Every path in an argument."""
    kinds = (ast.Name, ast.Attribute, ast.Subscript)
    return frozenset(path for each in ast.walk(node) if isinstance(each, kinds) and (path := path_of(each)))
