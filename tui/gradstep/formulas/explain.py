"""A call to the local gradients of its inputs, in readable notation."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from copy import deepcopy

from gradstep.formulas.call import Call, Shape
from gradstep.formulas.derive import Derivative, Derived, derive
from gradstep.formulas.names import display_names
from gradstep.formulas.pytorch import PyTorchRules
from gradstep.formulas.vocabulary import Level
from gradstep.formulas.write import Writer
from gradstep.model.graph import Local

_LONGEST_VALUE = 28
"""Letters of a result without a name that is written out in `∂…/∂x`."""


def explain(call: Call, rules: PyTorchRules | None = None) -> tuple[Local, ...]:
    """The local gradient of each tensor input: `formula`, `rule`, `ours` and `form`.

    Empty where no gradient goes. Without a row of ours the rule is PyTorch's own, if `rules` and the call's node are
    given and the node has one, else empty.
    """
    derived = derive(call)
    if derived is None:
        return tuple(_unknown(call, index, rules) for index in range(len(call.inputs)))
    notation = _Notation(derived)
    return tuple(
        notation.local(item)
        if item is not None
        else _unknown(call, index, rules)
        if call.inputs[index].differentiable
        else Local()
        for index, item in enumerate(derived.inputs)
    )


def _unknown(call: Call, index: int, rules: PyTorchRules | None) -> Local:
    if not call.inputs[index].differentiable:
        return Local()
    single = all(size == 1 for size in call.output.shape)
    rule = rules.rule(call.node, index, len(call.inputs)) if rules is not None and call.node else ""
    return Local(rule=rule, ours=not rule, form="number" if single else "jacobian")


_OF_SHAPES = frozenset("T sum_to sum_channel outer correlate correlate_back correlate_weight".split())
"""What may stand in an equation of shapes."""


class _Notation:
    """Writes the derivatives of one call."""

    def __init__(self, derived: Derived) -> None:
        self._derived = derived
        self._names = display_names(derived.bound, derived.lets)
        self._shapes: Mapping[str, Shape | None] = derived.shapes
        if not self._names["out"] and derived.value is None:
            self._names["out"] = "out"

    def local(self, item: Derivative) -> Local:
        name = self._names[item.parameter]
        formula = ""
        if item.formula is not None:
            formula = f"∂{self._result()}/∂{name} = {self._text(item.formula, item.form == 'elementwise')}"
            formula += self._where(item.formula)
        rule = f"∂L/∂{name} = {self._text(item.rule, False)}{self._where(item.rule)}"
        return Local(formula, rule + self._equation(item), True, item.form)

    def _result(self) -> str:
        if self._names["out"] or self._derived.value is None:
            return self._names["out"]
        text = Writer(self._names, self._shapes, True).within(self._derived.value, Level.POWER)
        return text if len(text) <= _LONGEST_VALUE else "out"

    def _text(self, tree: ast.expr, of_an_element: bool) -> str:
        scalar = self._shapes["out"] == () and all(
            self._shapes.get(item.id) == ()
            for item in ast.walk(tree)
            if isinstance(item, ast.Name) and item.id in self._shapes
        )
        return Writer(self._names, self._shapes, of_an_element or scalar).text(self._written_out(tree))

    def _written_out(self, tree: ast.expr) -> ast.expr:
        """With the result's expression for a result without a name."""
        if self._names["out"] or self._derived.value is None:
            return tree
        result = _Replace("out", self._derived.value).visit(deepcopy(tree))
        assert isinstance(result, ast.expr)
        return result

    def _where(self, tree: ast.expr) -> str:
        """The abbreviations that are used, and those that these use."""
        needed: dict[str, ast.expr] = {}
        pending = [tree]
        while pending:
            for part in ast.walk(pending.pop()):
                if isinstance(part, ast.Name) and part.id in self._derived.lets and part.id not in needed:
                    needed[part.id] = self._derived.lets[part.id]
                    pending.append(needed[part.id])
        texts = [
            f"{self._names[name]} = {self._text(value, False)}"
            for name, value in self._derived.lets.items()
            if name in needed
        ]
        return f"  with {', '.join(texts)}" if texts else ""

    def _equation(self, item: Derivative) -> str:
        """The same rule in shapes: `[8,3] = [4,8].T @ [4,3]`, where it is made of products of matrices and sums."""
        parts = [part for part in ast.walk(item.rule) if isinstance(part, ast.expr)]
        calls = {part.func.id for part in parts if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
        names = {part.id for part in parts if isinstance(part, ast.Name)} - calls
        whole = _brackets(self._shapes[item.parameter])
        if "spread" in calls and self._shapes["grad"] != self._shapes[item.parameter]:
            return f"   {whole} from {_brackets(self._shapes['grad'])}"
        if not calls <= _OF_SHAPES or not names <= set(self._shapes) or names & set(self._derived.lets):
            return ""
        if not calls and not any(isinstance(part, ast.MatMult) for part in ast.walk(item.rule)):
            return ""
        texts = {name: _brackets(self._shapes[name]) for name in names}
        return f"   {whole} = {Writer(texts, self._shapes).text(item.rule)}"


def _brackets(shape: Shape | None) -> str:
    return f"[{','.join(map(str, shape or ()))}]"


class _Replace(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self._name, self._value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._value if node.id == self._name else node
