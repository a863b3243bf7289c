"""Operators on the source of a function or a class that is judged by its numbers: slips that Python's own syntax tree shows.

Each mutant is a whole file; only the one function or class is changed. Sources are those of reference solutions.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TypeVar

from workers.mutation.mutant import Aspect, Mutant

Piece = TypeVar("Piece", bound=ast.AST)
Site = tuple[ast.AST, ast.AST]
"""A piece of the tree, and what comes in its place."""

OTHER_FUNCTION = {
    "reduce_mean": "reduce_sum", "reduce_sum": "reduce_mean", "mean": "sum", "sum": "mean",
    "square": "abs", "std": "var", "reduce_std": "reduce_variance",
}  # fmt: skip
OTHER_SIGN: dict[type[ast.operator], type[ast.operator]] = {
    ast.Sub: ast.Add,
    ast.Add: ast.Sub,
    ast.Mult: ast.Add,
}
REDUCTIONS = frozenset({"reduce_mean", "reduce_sum", "mean", "sum", "std", "reduce_std"})


def mutants(source: str, name: str) -> Iterator[Mutant]:
    """Wrong answers made from the function or class `name`."""
    tree = ast.parse(source)
    target = _target(tree, name)
    for operator, changes in OPERATORS.items():
        for piece, new in changes(target):
            aspect = FIXED.get(operator) or _aspect(target, piece)
            yield _mutant(operator, aspect, tree, piece, new)


def rewritings(source: str, name: str) -> Iterator[Mutant]:
    """The same function or class in other words."""
    tree = ast.parse(source)
    target = _target(tree, name)
    for operator, changes in REWRITINGS.items():
        for piece, new in changes(target):
            yield _mutant(operator, Aspect.VALUE, tree, piece, new)


def _mutant(operator: str, aspect: Aspect, tree: ast.Module, piece: ast.AST, new: ast.AST) -> Mutant:
    before, after = _written(piece), _written(new)
    changed = deepcopy(_Replaced(piece, new).visit(tree))
    return Mutant(operator, f"{before} → {after}", aspect, ast.unparse(ast.fix_missing_locations(changed)))


# --- slips ----------------------------------------------------------------------------------------------------


def other_sign(target: ast.stmt) -> Iterator[Site]:
    """+ for -, and so on."""
    for piece in _inner(target, ast.BinOp):
        if type(piece.op) in OTHER_SIGN:
            yield piece, ast.BinOp(piece.left, OTHER_SIGN[type(piece.op)](), piece.right)


def other_function(target: ast.stmt) -> Iterator[Site]:
    """The sum for the mean, the absolute value for the square, and so on."""
    for call in _inner(target, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in OTHER_FUNCTION:
            other = ast.Attribute(call.func.value, OTHER_FUNCTION[call.func.attr], ast.Load())
            yield call, ast.Call(other, call.args, call.keywords)


def function_lost(target: ast.stmt) -> Iterator[Site]:
    """What a function was called with, without the function."""
    for call in _inner(target, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"square", "abs"}:
            yield call, call.args[0]


def over_one_axis(target: ast.stmt) -> Iterator[Site]:
    """A mean or a sum over the first axis alone."""
    for call in _inner(target, ast.Call):
        named = isinstance(call.func, ast.Attribute) and call.func.attr in REDUCTIONS
        if named and len(call.args) == 1 and not call.keywords:
            yield call, ast.Call(call.func, call.args, [ast.keyword("axis", ast.Constant(0))])


def other_number(target: ast.stmt) -> Iterator[Site]:
    """Every number doubled."""
    for number in _inner(target, ast.Constant):
        if isinstance(number.value, float):
            yield number, ast.Constant(number.value * 2)


def other_name(target: ast.stmt) -> Iterator[Site]:
    """A metric, or whatever is made with a name, has another."""
    for call in _inner(target, ast.Call):
        for keyword in call.keywords:
            named = keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
            if named and isinstance(keyword.value, ast.Constant):
                yield keyword, ast.keyword("name", ast.Constant(f"{keyword.value.value!s}_x"))


def statement_lost(target: ast.stmt) -> Iterator[Site]:
    """A call that stands alone is left out."""
    for statement in _inner(target, ast.Expr):
        if isinstance(statement.value, ast.Call) and "super" not in ast.unparse(statement):
            yield statement, ast.Pass()


def option_ignored(target: ast.stmt) -> Iterator[Site]:
    """An option that was kept at the start is not looked at: its default is taken."""
    defaults = {
        argument.arg: default
        for start in _inner(target, ast.FunctionDef)
        if start.name == "__init__"
        for argument, default in zip(reversed(start.args.args), reversed(start.args.defaults), strict=False)
    }
    for piece in _inner(target, ast.Attribute):
        kept = isinstance(piece.ctx, ast.Load) and ast.unparse(piece.value) == "self"
        if kept and piece.attr in defaults:
            yield piece, defaults[piece.attr]


def other_result(target: ast.stmt) -> Iterator[Site]:
    """What comes back is doubled, or has the opposite sign."""
    for back in _inner(target, ast.Return):
        if back.value is not None:
            yield back, ast.Return(ast.BinOp(back.value, ast.Mult(), ast.Constant(2.0)))
            yield back, ast.Return(ast.UnaryOp(ast.USub(), back.value))


def gradient_stopped(target: ast.stmt) -> Iterator[Site]:
    """No gradient comes back through the result."""
    for back in _inner(target, ast.Return):
        if back.value is not None:
            stop = ast.parse('__import__("keras").ops.stop_gradient').body[0]
            assert isinstance(stop, ast.Expr)
            yield back, ast.Return(ast.Call(stop.value, [back.value], []))


def numpy_inside(target: ast.stmt) -> Iterator[Site]:
    """The numbers are read at once, which works only while nothing is traced."""
    for function in _functions(target):
        argument = function.args.args[-1].arg
        look = ast.parse(f"{argument}.numpy()").body[0]
        yield function.body[0], ast.If(ast.Constant(value=True), [look, function.body[0]], [])


OPERATORS: dict[str, Callable[[ast.stmt], Iterator[Site]]] = {
    "other sign": other_sign,
    "other function": other_function,
    "function lost": function_lost,
    "over one axis": over_one_axis,
    "other number": other_number,
    "other name": other_name,
    "statement lost": statement_lost,
    "option ignored": option_ignored,
    "other result": other_result,
    "gradient stopped": gradient_stopped,
    "numpy inside": numpy_inside,
}
FIXED = {
    "gradient stopped": Aspect.GRADIENT,
    "numpy inside": Aspect.GRAPH,
    "other result": Aspect.VALUE,
    "other name": Aspect.LAYER_METRIC,
}
"""Operators whose aspect does not depend on the place."""


# --- other words ----------------------------------------------------------------------------------------------


def other_order(target: ast.stmt) -> Iterator[Site]:
    """The operands of a sum or a product change places."""
    for piece in _inner(target, ast.BinOp):
        if isinstance(piece.op, ast.Add | ast.Mult):
            yield piece, ast.BinOp(piece.right, piece.op, piece.left)


def as_power(target: ast.stmt) -> Iterator[Site]:
    """square(x) as x ** 2."""
    for call in _inner(target, ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "square":
            yield call, ast.BinOp(call.args[0], ast.Pow(), ast.Constant(2))


def in_two_steps(target: ast.stmt) -> Iterator[Site]:
    """What comes back gets a name first."""
    for back in _inner(target, ast.Return):
        if back.value is not None:
            named = ast.Assign([ast.Name("result", ast.Store())], back.value)
            yield (
                back,
                ast.If(ast.Constant(value=True), [named, ast.Return(ast.Name("result", ast.Load()))], []),
            )


def plus_nothing(target: ast.stmt) -> Iterator[Site]:
    """What comes back, and 0.0 more."""
    for back in _inner(target, ast.Return):
        if back.value is not None:
            yield back, ast.Return(ast.BinOp(back.value, ast.Add(), ast.Constant(0.0)))


REWRITINGS: dict[str, Callable[[ast.stmt], Iterator[Site]]] = {
    "other order": other_order,
    "as a power": as_power,
    "in two steps": in_two_steps,
    "plus 0": plus_nothing,
}


# --- the tree -------------------------------------------------------------------------------------------------


def _target(tree: ast.Module, name: str) -> ast.stmt:
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef) and statement.name == name:
            return statement
    raise ValueError(f"the source defines no {name}")


def _inner(target: ast.stmt, kind: type[Piece]) -> Iterator[Piece]:
    return (piece for piece in ast.walk(target) if isinstance(piece, kind))


def _functions(target: ast.stmt) -> Iterator[ast.FunctionDef]:
    """What is called with numbers: the function itself, or a class's `call`."""
    for function in _inner(target, ast.FunctionDef):
        if function is target or function.name == "call":
            yield function


def _aspect(target: ast.stmt, piece: ast.AST) -> Aspect:
    """What a slip at this place changes: what a layer adds as a loss or says as a metric, or else its value."""
    for call in _inner(target, ast.Call):
        if isinstance(call.func, ast.Attribute) and any(inside is piece for inside in ast.walk(call)):
            if call.func.attr == "add_loss":
                return Aspect.ADDED_LOSS
            if call.func.attr in {"update_state", "add_metric"}:
                return Aspect.LAYER_METRIC
    if isinstance(piece, ast.Expr) and isinstance(piece.value, ast.Call):
        return _aspect(target, piece.value)
    return Aspect.VALUE


def _written(piece: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(piece)).split())


class _Replaced(ast.NodeTransformer):
    """Puts one piece in the place of another, in new nodes: the tree itself stays as it was."""

    def __init__(self, piece: ast.AST, new: ast.AST) -> None:
        self._piece, self._new = piece, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, or a copy of it with the piece replaced."""
        if node is self._piece:
            return self._new
        copied = type(node)(**dict(ast.iter_fields(node)))
        return self.generic_visit(copied)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Lists are made anew, so that no list of the tree is changed."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(
                    node, name, [self.visit(item) if isinstance(item, ast.AST) else item for item in value]
                )
            elif isinstance(value, ast.AST):
                setattr(node, name, self.visit(value))
        return node
