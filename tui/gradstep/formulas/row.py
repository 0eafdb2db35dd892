"""A row of the table: the derivative of one op, as small Python expressions that are both shown and tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gradstep.formulas.call import Argument, Shape


@dataclass(frozen=True, slots=True)
class Bound:
    """A call's arguments under the names of a row's parameters."""

    values: Mapping[str, object]
    """What is no tensor: numbers, strings, None, tuples of these."""
    tensors: Mapping[str, Argument]
    """Tensors; those of a list `tensors` are `tensors_0`, `tensors_1` and so on."""
    places: tuple[str, ...]
    """The parameter that each of the call's inputs was given for."""
    output: Argument
    """The result."""

    def shape(self, name: str) -> Shape:
        """Of that tensor; a number has none."""
        return self.tensors[name].shape if name in self.tensors else ()

    def rank(self, name: str) -> int:
        """Number of axes."""
        return len(self.shape(name))

    def has(self, *names: str) -> bool:
        """Those parameters are tensors here."""
        return all(name in self.tensors for name in names)

    def value(self, name: str) -> object:
        """What was given for a parameter that is no tensor."""
        return self.values.get(name)

    def count(self, name: str) -> int:
        """How many tensors that list has."""
        return sum(place.startswith(f"{name}_") for place in self.tensors)


Expression = str | Callable[[Bound, str], str]
"""An expression over the parameters, `out` and `grad`, or what makes it for a parameter of a call."""


def _always(_: Bound) -> bool:
    return True


def _no_constants(_: Bound) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Row:
    """The derivative of ops of one kind, for calls that it is bound to.

    `parameters` are as in PyTorch's documentation: `$x` may be a tensor, `name=1` has a default, `*name` takes the
    positional rest or a list, `*_` takes and ignores anything, `at` is an index.
    Expressions may use the words of `vocabulary`.
    """

    ops: str
    """Names of the API, without the `_` of in-place variants."""
    parameters: str
    """In their order."""
    local: Mapping[str, Expression] = field(default_factory=dict)
    """Elementwise ops: derivative of an element of the result by the same element of a parameter."""
    vjp: Mapping[str, Expression] = field(default_factory=dict)
    """Other ops: what becomes of `grad`, by parameter."""
    jacobian: Mapping[str, Expression] = field(default_factory=dict)
    """Where there is a simple one, the matrix of derivatives, for a vector result of a vector."""
    value: Expression = ""
    """The result, where it is simple."""
    lets: Mapping[str, str] = field(default_factory=dict)
    """Abbreviations, in their order; an expression may use them and they are written out behind it."""
    when: Callable[[Bound], bool] = _always
    """For which calls it holds."""
    constants: Callable[[Bound], Mapping[str, object]] = _no_constants
    """Further numbers for the expressions, which follow from the arguments."""
    linear: bool = False
    """Holds for complex numbers too: values are only moved."""
