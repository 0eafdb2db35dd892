"""Shapes that do not fit each other, in words: for each kind of call what it needs, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable

from gradstep.findings.operands import call_of, elements, name_of, shown, size
from gradstep.model.clue import Clue

Words = tuple[str, str]


def _linear(clue: Clue) -> Words:
    given, weight = clue.operands[0], clue.operands[-1]
    if len(clue.operands) < 2 or len(weight.shape) != 2 or not given.shape:
        return _any(clue)
    outputs, needed = weight.shape
    last, name = given.shape[-1], name_of(given)
    message = (
        f"{call_of(clue)} takes {needed} features in the last dimension and was given {last}: {shown(given)}, "
        f"{shown(weight)}."
    )
    rest = elements(given.shape[1:])
    if len(given.shape) > 2 and rest == needed:
        return message, f"Flatten it first: {name}.flatten(1), which has {needed} features."
    if given.shape[-2:-1] == (needed,):
        return message, f"Put the features last: {name}.transpose(-1, -2)."
    return message, f"Make the layer nn.Linear({last}, {outputs}), or the layer before it give {needed} features."


def _matmul(clue: Clue) -> Words:
    if len(clue.operands) < 2 or clue.by == "einsum":
        return _any(clue)
    one, two = clue.operands
    first, second = one.shape[-1:], two.shape[-2:-1] or two.shape[-1:]
    if first and second and first != second:
        message = (
            f"{call_of(clue)}: the last dimension of the first, {first[0]}, must be the one but last of the second, "
            f"{second[0]}: {shown(one)}, {shown(two)}."
        )
        if len(two.shape) == 1:
            message = f"{call_of(clue)}: {first[0]} columns meet {second[0]} elements: {shown(one)}, {shown(two)}."
    else:
        message = f"{call_of(clue)}: the batch dimensions differ: {shown(one)}, {shown(two)}."
    left, right = name_of(one, "a"), name_of(two, "b")
    if len(one.shape) > 1 and one.shape[-1:] == two.shape[-1:] and len(two.shape) > 1:
        return message, f"Transpose the second: {left} @ {right}.transpose(-1, -2)."
    if len(one.shape) > 1 and len(two.shape) > 1 and one.shape[-2] == two.shape[-2]:
        return message, f"Transpose the first: {left}.transpose(-1, -2) @ {right}."
    return message, "Look at the two lines for the dimension that is not what you meant."


def _conv(clue: Clue) -> Words:
    given, weight = clue.operands[0], clue.operands[-1]
    if len(clue.operands) < 2 or len(given.shape) < 2 or len(weight.shape) < 3:
        return _any(clue)
    turned = "transpose" in clue.by
    needed = weight.shape[0 if turned else 1]
    plain = len(given.shape) < len(weight.shape)
    channels = given.shape[0 if plain else 1]
    message = (
        f"{call_of(clue)} takes {needed} channel{'s' * (needed != 1)} in dimension {int(not plain)} and was given "
        f"{channels}: {shown(given)}, {shown(weight)}."
    )
    name = name_of(given)
    if given.shape[-1] == needed:
        order = (0, len(given.shape) - 1, *range(1, len(given.shape) - 1)) if not plain else (2, 0, 1)
        return message, f"Put the channels there: {name}.permute({', '.join(map(str, order))})."
    kind = f"nn.{clue.by.replace('conv_transpose', 'ConvTranspose').replace('conv', 'Conv')}"
    return message, f"Make the layer {kind}({channels}, {weight.shape[0]}, ...), or give it {needed} channels."


def _conv_dimensions(clue: Clue) -> Words:
    given, weight = clue.operands[0], clue.operands[-1]
    count = len(weight.shape)
    message = f"{call_of(clue)} takes {count} dimensions (batch, channels and {count - 2} of space): {shown(given)}."
    return message, f"Give it its dimensions: {name_of(given)}.unsqueeze(1) adds one of 1 channel; see view for others."


def _kernel(clue: Clue) -> Words:
    given, weight = clue.operands[0], clue.operands[-1]
    message = f"{call_of(clue)} has a kernel larger than its input: {shown(given)}, {shown(weight)}."
    return message, "Use a smaller kernel or padding, or shrink the input less in the layers before (stride, pooling)."


def _pool(clue: Clue) -> Words:
    message = f"{call_of(clue)} leaves nothing of its input: {shown(clue.operands[0])}."
    return message, "Leave out this pooling, or shrink the input less in the layers before it."


def _cat(clue: Clue) -> Words:
    one, two = clue.operands[0], clue.operands[-1]
    message = f"{call_of(clue)} cannot join them: {shown(one)} and {shown(two)}."
    if clue.by == "stack":
        return message, "stack takes tensors of one shape: pad or cut them to it first."
    if len(one.shape) != len(two.shape):
        return message, "Give both the same number of dimensions: unsqueeze the one that has fewer."
    differing = [at for at, pair in enumerate(zip(one.shape, two.shape, strict=True)) if pair[0] != pair[1]]
    if len(differing) == 1:
        return (
            message,
            f"They differ in dimension {differing[0]} alone: join them there, torch.cat(..., dim={differing[0]}).",
        )
    return message, "All dimensions but the one of the join must be equal: pad or cut the others."


def _view(clue: Clue) -> Words:
    given = clue.operands[0]
    wanted = [int(clue.numbers[key]) for key in sorted(clue.numbers, key=lambda key: int(key.removeprefix("wanted")))]
    given_sizes = elements([part for part in wanted if part >= 0])
    has = elements(given.shape)
    needs = f"a multiple of {given_sizes}" if -1 in wanted else f"{given_sizes:,}"
    message = f"{call_of(clue)} to {wanted} needs {needs} elements, and there are {has:,}: {shown(given)}."
    if not given.shape or len(wanted) != 2 or has == 0:
        return message, "Look at the shape on the line that made it, or leave one size to -1."
    flat = [given.shape[0], has // given.shape[0]]
    return message, f"To flatten all but the batch: {name_of(given)}.flatten(1), which gives {flat}."


def _contiguous(clue: Clue) -> Words:
    given = clue.operands[0]
    message = (
        f"{call_of(clue)} cannot look at {shown(given)} so: its elements lie in another order (transpose, permute)."
    )
    return message, f"Use {name_of(given)}.reshape(...), which copies where it must."


def _batch(clue: Clue) -> Words:
    scores, target = clue.operands[0], clue.operands[-1]
    message = (
        f"{call_of(clue)} compares {scores.shape[0]} rows of scores with {target.shape[0] if target.shape else 1} "
        f"targets: {shown(scores)}, {shown(target)}."
    )
    if scores.shape and scores.shape[0] == elements(target.shape) and len(target.shape) > 1:
        return message, f"Flatten the target in the same way: {name_of(target, 'target')}.view(-1)."
    return message, "Take both from the same batch, and flatten them alike: scores.view(-1, classes), target.view(-1)."


def _target_shape(clue: Clue) -> Words:
    scores, target = clue.operands[0], clue.operands[-1]
    message = (
        f"{call_of(clue)} takes one class number a row, shape {[*scores.shape[:1], *scores.shape[2:]]}: "
        f"{shown(target)} for {shown(scores)}."
    )
    name = name_of(target, "target")
    if target.shape[1:] == (1,):
        return message, f"Use {name}.squeeze(1)."
    if target.shape == scores.shape:
        return message, f"One-hot rows: use {name}.argmax(1), or {name}.float() as probabilities."
    return message, f"Give it class numbers: {name}.argmax(1) of one-hot rows."


def _sizes(clue: Clue) -> Words:
    one, two = clue.operands[0], clue.operands[-1]
    message = f"{call_of(clue)} compares tensors of other shapes: {shown(one)} and {shown(two)}."
    if one.shape[-1:] == (1,) and one.shape[:-1] == two.shape:
        return message, f"Give the target the last dimension too: {name_of(two, 'target')}.unsqueeze(-1)."
    if two.shape[-1:] == (1,) and two.shape[:-1] == one.shape:
        return message, f"Take the last dimension from the target: {name_of(two, 'target')}.squeeze(-1)."
    return message, "Make the output and the target of one shape."


def _channels(clue: Clue) -> Words:
    given, weight = clue.operands[0], clue.operands[-1]
    if len(clue.operands) < 2 or len(given.shape) < 2:
        return _any(clue)
    if clue.by == "layer_norm":
        last = list(weight.shape)
        message = f"{call_of(clue)} normalises the last dimensions {last}: {shown(given)}, {shown(weight)}."
        return message, f"Make it nn.LayerNorm({given.shape[-1]}), or give it {last} at the end."
    channels, needed = given.shape[1], weight.shape[0]
    message = (
        f"{call_of(clue)} has {needed} channels, and dimension 1 of its input has {channels}: {shown(given)}, "
        f"{shown(weight)}."
    )
    return message, f"Make it for {channels} channels, or give it {needed}."


def _dimensions(clue: Clue) -> Words:
    given = clue.operands[0]
    message = f"{call_of(clue)} takes another number of dimensions: {shown(given)} has {len(given.shape)}."
    return message, "Use the layer of that number (BatchNorm1d, 2d, 3d), or give the input the dimensions it lacks."


def _features(clue: Clue) -> Words:
    given = clue.operands[0]
    wanted = f" {size(clue.numbers, 'wanted')} features" if "wanted" in clue.numbers else " another number of features"
    last = given.shape[-1] if given.shape else 0
    message = f"{call_of(clue)} takes{wanted} in the last dimension and was given {last}: {shown(given)}."
    return message, f"Make the module for {last} features, or give it{wanted}."


def _hidden(clue: Clue) -> Words:
    given, hidden = clue.operands[0], clue.operands[-1]
    message = f"{call_of(clue)} was given a hidden state of another size: {shown(hidden)} for {shown(given)}."
    return message, "Make it (layers, batch, hidden_size), for the batch at hand: the last one may be smaller."


def _expand(clue: Clue) -> Words:
    message = (
        f"{call_of(clue)} cannot spread one over the other: {' and '.join(shown(item) for item in clue.operands)}."
    )
    return message, "Only dimensions of size 1 are spread: unsqueeze the others, or give both the same shape."


def _broadcast(clue: Clue) -> Words:
    if len(clue.operands) < 2:
        return _any(clue)
    one, two = clue.operands
    sizes = ""
    if "dimension" in clue.numbers:
        at = size(clue.numbers, "dimension")
        sizes = f" in dimension {at} they differ, and neither is 1"
    message = f"{call_of(clue)}: {shown(one)} and {shown(two)} do not fit;{sizes}."
    if len(one.shape) == len(two.shape) == 2 and one.shape == two.shape[::-1]:
        return message, f"Transpose one of them: {name_of(two)}.T."
    shorter, longer = (one, two) if len(one.shape) < len(two.shape) else (two, one)
    if len(shorter.shape) < len(longer.shape) and shorter.shape and shorter.shape[0] == longer.shape[0]:
        return message, f"One value a row: {name_of(shorter)}.unsqueeze(-1)."
    return message, "Sizes are compared from the last dimension on: unsqueeze or transpose one of the two."


def _any(clue: Clue) -> Words:
    message = f"{call_of(clue)} was given shapes that do not fit: {', '.join(shown(item) for item in clue.operands)}."
    return message, "Look at the lines that made them for the dimension that is not what you meant."


MISFITS: dict[str, Callable[[Clue], Words]] = {
    "linear": _linear,
    "matmul": _matmul,
    "conv": _conv,
    "conv-dimensions": _conv_dimensions,
    "kernel": _kernel,
    "pool": _pool,
    "cat": _cat,
    "view": _view,
    "contiguous": _contiguous,
    "batch": _batch,
    "target-shape": _target_shape,
    "sizes": _sizes,
    "channels": _channels,
    "dimensions": _dimensions,
    "features": _features,
    "hidden": _hidden,
    "expand": _expand,
    "broadcast": _broadcast,
}
"""By what a clue says of the call."""
