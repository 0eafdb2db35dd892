"""Ops that only move, repeat or recast values: δ goes back where each value came from."""

from __future__ import annotations

from collections.abc import Mapping

from gradstep.formulas.row import Bound, Expression, Row


def _moved(ops: str, parameters: str, vjp: Expression) -> Row:
    return Row(ops, f"$input {parameters}".strip(), vjp={"input": vjp}, linear=True)


def _inverse(bound: Bound) -> Mapping[str, object]:
    """The permutation that undoes that of `dims`, or the exchange of two axes."""
    rank = bound.rank("input")
    dims = bound.value("dims")
    if isinstance(dims, tuple):
        order = [axis % rank for axis in dims if isinstance(axis, int)]
        return {"inverse": tuple(order.index(axis) for axis in range(rank))}
    order = list(range(rank))
    first, second = bound.value("dim0"), bound.value("dim1")
    if isinstance(first, int) and isinstance(second, int) and rank:
        order[first], order[second] = order[second], order[first]
    return {"inverse": tuple(order)}


def _exchange(bound: Bound, _: str) -> str:
    """The last two axes: `.T`, `.mT`; others by their order."""
    rank = bound.rank("input")
    first, second = bound.value("dim0"), bound.value("dim1")
    if not isinstance(first, int) or not isinstance(second, int):
        return ""
    last = {first % rank, second % rank} == {rank - 2, rank - 1} if rank > 1 else False
    return "T(grad)" if last else "permute(grad, inverse)"


def _slice_of(bound: Bound, place: str) -> str:
    """The part of δ that lies where that tensor of the list went."""
    axis, start = bound.value("dim"), 0
    if not isinstance(axis, int):
        return ""
    mine = int(place.rpartition("_")[2])
    for number in range(mine):
        start += bound.shape(f"tensors_{number}")[axis]
    rank = bound.rank(place)
    return f"part(grad, {axis % rank}, {start}, {start + bound.shape(place)[axis]})"


def _layer_of(bound: Bound, place: str) -> str:
    axis = bound.value("dim")
    rank = len(bound.output.shape)
    return f"layer(grad, {axis % rank}, {int(place.rpartition('_')[2])})" if isinstance(axis, int) else ""


def _joined(bound: Bound, _: str) -> str:
    dim = bound.value("dim")
    return f"join(grads, {dim})" if isinstance(dim, int) else ""


def _with_axes(bound: Bound) -> bool:
    return bound.rank("input") >= 1


ROWS = (
    _moved("view reshape flatten unflatten ravel squeeze unsqueeze view_as reshape_as", "*_", "reshape(grad, input)"),
    Row("mT", "$input", vjp={"input": "T(grad)"}, linear=True),
    Row("t T numpy_T", "$input", vjp={"input": "T(grad)"}, when=lambda bound: bound.rank("input") <= 2, linear=True),
    Row(
        "transpose swapaxes swapdims",
        "$input dim0 dim1",
        vjp={"input": _exchange},
        constants=_inverse,
        linear=True,
        when=_with_axes,
    ),
    Row(
        "permute",
        "$input *dims",
        vjp={"input": "permute(grad, inverse)"},
        constants=_inverse,
        linear=True,
        when=lambda bound: isinstance(bound.value("dims"), tuple),
    ),
    _moved("expand expand_as broadcast_to", "*_", "sum_to(grad, input)"),
    _moved("contiguous alias", "*_", "grad"),
    _moved("to type_as float double half bfloat16 cuda cpu type", "*_", "grad"),
    _moved("repeat tile", "*_", "fold(grad, input)"),
    _moved("flip", "*dims", "flip(grad, dims)"),
    _moved("roll", "shifts dims=None", "rolled(grad, shifts, dims)"),
    _moved("tril", "diagonal=0", "tril(grad, diagonal)"),
    _moved("triu", "diagonal=0", "triu(grad, diagonal)"),
    Row("cat concat concatenate", "$*tensors dim=0", vjp={"tensors": _slice_of}, linear=True),
    Row("stack", "$*tensors dim=0", vjp={"tensors": _layer_of}, linear=True),
    _moved("split split_with_sizes tensor_split", "sections dim=0", _joined),
    _moved("chunk", "chunks dim=0", _joined),
    _moved("unbind", "dim=0", lambda bound, _: f"join_new(grads, {bound.value('dim')})"),
    Row(
        "pad",
        "$input pad mode='constant' value=None",
        vjp={"input": "crop(grad, pad)"},
        when=lambda bound: bound.value("mode") == "constant",
        linear=True,
    ),
    Row(
        "interpolate upsample",
        "$input size=None scale_factor=None mode='nearest' *_",
        vjp={"input": "fold_nearest(grad, input)"},
        when=lambda bound: (
            bound.value("mode") == "nearest"
            and all(o % i == 0 for o, i in zip(bound.output.shape, bound.shape("input"), strict=True))
        ),
    ),
    Row("pixel_shuffle", "$input factor", vjp={"input": "pixel_unshuffle(grad, factor)"}, linear=True),
    Row("pixel_unshuffle", "$input factor", vjp={"input": "pixel_shuffle(grad, factor)"}, linear=True),
)
