"""One op of a case: what the table says of it, evaluated; what autograd and finite differences say."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from formula_words import WORDS
from gradstep.formulas import Argument, Call
from gradstep.formulas.derive import Derived, derive
from gradstep.program.tape.signature import signature
from torch import Tensor
from torch.overrides import TorchFunctionMode

STEP = 1e-6


@dataclass
class Seen:
    """A call with its arguments, and the tensors among them as they were before it."""

    func: Callable[..., Any]
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    inputs: list[Tensor]
    scalars: list[Any]
    signature: str
    state: Tensor
    outputs: list[Tensor]

    def call(self) -> Call:
        arguments = tuple(
            Argument("", tuple(item.shape), item.requires_grad, str(item.dtype)[6:]) for item in self.inputs
        )
        first = self.outputs[0]
        return Call(
            self.name,
            arguments,
            tuple(self.scalars),
            Argument("", tuple(first.shape), True, str(first.dtype)[6:]),
            self.signature,
        )

    def derived(self) -> Derived | None:
        return derive(self.call())

    def run(self, values: list[Tensor]) -> list[Tensor]:
        """The same call with other tensors, from the same random state; differentiable outputs."""
        torch.set_rng_state(self.state)
        found = iter(values)
        args, kwargs = _replaced(self.args, found), _replaced(self.kwargs, found)
        result = self.func(*args, **kwargs)
        return [item for item in _flat([result]) if item.dtype.is_floating_point or item.dtype.is_complex][
            : len(self.outputs)
        ]


def see(function: Callable[[], Any]) -> Seen:
    """The last call that the function makes whose result requires grad."""
    seen: list[Seen] = []

    class Watch(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            name = getattr(func, "__name__", "")
            if name == "__get__":
                name = func.__self__.__name__ if func.__self__.__name__ in ("T", "mT") else ""
            inputs = _flat([*args, *kwargs.values()])
            kept = [
                item.detach().clone(memory_format=torch.contiguous_format).requires_grad_(item.requires_grad)
                for item in inputs
            ]
            state = torch.get_rng_state()
            result = func(*args, **kwargs)
            outputs = [item for item in _flat([result]) if item.requires_grad]
            if outputs and inputs and name:
                scalars = _scalars([*args, *kwargs.values()])
                written = signature("" if name == "batch_norm" else name, args, kwargs, scalars)
                found = [item.detach().clone() for item in outputs]
                seen.append(Seen(func, name, args, kwargs, kept, scalars, written, state, found))
            return result

    with Watch():
        function()
    return seen[-1]


def by_table(seen: Seen, derived: Derived, grads: list[Tensor]) -> list[Tensor | None]:
    """The gradient that each input gets by the table's expression."""
    names: dict[str, Any] = {"grad": grads[0], "grads": grads, "out": seen.outputs[0], "pi": math.pi}
    for place, item in zip(derived.bound.places, seen.inputs, strict=True):
        names[place] = item.detach()
    if seen.name == "__getitem__":
        names["at"] = seen.args[1]
    for name, tree in derived.lets.items():
        names[name] = evaluate(tree, names)
    if derived.value is not None:
        value = evaluate(derived.value, names)
        torch.testing.assert_close(value.expand(names["out"].shape), names["out"], msg=lambda text: f"value: {text}")
    found: list[Tensor | None] = []
    for derivative, argument in zip(derived.inputs, seen.inputs, strict=True):
        found.append(None if derivative is None else evaluate(derivative.rule, names).expand(argument.shape))
        if derivative is not None and derivative.formula is not None:
            _check_formula(derivative.form, evaluate(derivative.formula, names), found[-1], names["grad"], argument)
    return found


def _check_formula(form: str, local: Tensor, rule: Tensor | None, grad: Tensor, argument: Tensor) -> None:
    """The formula says the same as the rule."""
    assert rule is not None
    if form == "number":
        torch.testing.assert_close(local.expand(rule.shape) * grad.reshape(()), rule)
    elif form == "elementwise":
        torch.testing.assert_close((local * grad).expand(grad.shape).sum_to_size(rule.shape), rule)
    else:
        torch.testing.assert_close(local.T @ grad, rule)


def evaluate(tree: ast.expr, names: dict[str, Any]) -> Tensor:
    """The value of an expression, computed from the very tree that is shown."""
    code = compile(ast.fix_missing_locations(ast.Expression(tree)), "table", "eval")
    value = eval(code, {"__builtins__": {}, **WORDS, **names})
    return value if isinstance(value, Tensor) else torch.tensor(float(value), dtype=torch.float64)


def by_autograd(seen: Seen, grads: list[Tensor]) -> list[Tensor | None]:
    """The same by autograd."""
    leaves = [item.detach().clone().requires_grad_(item.requires_grad) for item in seen.inputs]
    outputs = seen.run([item.clone() for item in leaves])
    wanted = [item for item in leaves if item.requires_grad]
    found = iter(torch.autograd.grad(outputs, wanted, grads, allow_unused=True))
    return [
        (None if (item := next(found)) is None else item.to_dense() if item.is_sparse else item)
        if leaf.requires_grad
        else None
        for leaf in leaves
    ]


def by_differences(seen: Seen, grads: list[Tensor]) -> list[Tensor | None]:
    """The same by central differences of Σ δ · f, in float64."""
    with torch.no_grad():
        return [
            _differences(seen, position, grads) if item.requires_grad else None
            for position, item in enumerate(seen.inputs)
        ]


def _differences(seen: Seen, position: int, grads: list[Tensor]) -> Tensor:
    found = torch.zeros_like(seen.inputs[position])
    for place in range(found.numel()):
        ends = []
        for step in (STEP, -STEP):
            values = [item.clone() for item in seen.inputs]
            values[position].view(-1)[place] += step
            ends.append(sum((out * grad).sum() for out, grad in zip(seen.run(values), grads, strict=True)))
        found.view(-1)[place] = (ends[0] - ends[1]) / (2 * STEP)
    return found


def _flat(values: Any) -> list[Tensor]:
    found: list[Tensor] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += _flat(value)
    return found


def _scalars(values: Any) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, int | float | str):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += _scalars(value)
    return found


def _replaced(value: Any, tensors: Any) -> Any:
    """The arguments with the next of `tensors` for each tensor."""
    if isinstance(value, Tensor):
        return next(tensors)
    if isinstance(value, dict):
        return {key: _replaced(item, tensors) for key, item in value.items()}
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return type(value)(_replaced(item, tensors) for item in value)
    return value
