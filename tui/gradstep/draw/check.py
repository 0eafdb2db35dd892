"""A gradient by finite differences beside autograd's."""

from __future__ import annotations

from textual.content import Content

from gradstep.draw.numbers import align, numbers
from gradstep.draw.text import ACCENT, ERROR, MUTED, line, prose
from gradstep.model.proof import Check

TRUNCATION = 1e-3
"""What the curve of the loss within the step may add to the error, besides rounding: the step is the cube root of the
dtype's rounding, times the typical size of an element, where both are about as large in smooth functions."""

MARGIN = 10.0
"""The same result may come out so many times further off before it is called apart."""


def check_lines(check: Check, width: int) -> list[Content]:
    """Each element that was tried, and the verdict."""
    title = line(("finite differences", MUTED))
    if check.problem:
        return [Content(""), title, *prose(f"none for {check.name}: {check.problem}", width, MUTED, "  ", "  ")]
    if not check.elements:
        return [Content(""), title, *prose(f"{check.name} has no elements.", width, MUTED, "  ", "  ")]
    texts = numbers([*check.autograd, *check.differences])
    columns = align(texts)
    count = len(check.elements)
    heads = [str(element) for element in check.elements]
    wide = max(map(len, heads))
    column = max(len(columns[0]), len("differences"))
    head = f"  {'':>{wide}}  {'autograd':>{column}}  {'differences':>{column}}"
    rows = [
        line((f"  {head:>{wide}}", MUTED), f"  {one:>{column}}  {two:>{column}}")
        for head, one, two in zip(heads, columns[:count], columns[count:], strict=True)
    ]
    return [Content(""), title, line((head, MUTED)), *rows, *_verdict(check, width)]


def _verdict(check: Check, width: int) -> list[Content]:
    """Whether they agree, as far as differences can tell."""
    expected = check.expected + TRUNCATION
    how = f"apart by {check.error:.1g} of the largest gradient, {expected:.1g} is expected of steps of {check.step:.2g}"
    if check.error <= MARGIN * expected:
        return prose(f"equal as far as differences can tell: {how}", width, ACCENT["update"], ("= ", ACCENT["update"]))
    return prose(
        f"{how}. A kink within the step (relu), or values that autograd does not follow, can do that.",
        width, ERROR, ("▲ ", ERROR), "  ",
    )  # fmt: skip
