"""Calls whose tensors do not fit each other: shapes, dtypes, devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.program.clues.faults.failure import Call, Failure
from gradstep.program.clues.faults.witness import Witness

_SHAPES: tuple[tuple[str, str], ...] = (
    ("matmul", r"mat1 and mat2 shapes cannot be multiplied"),
    ("matmul", r"size mismatch, got input \(\d+\), mat"),
    ("matmul", r"Expected size for first two dimensions of batch2 tensor to be"),
    ("matmul", r"inconsistent tensor size, expected tensor"),
    ("matmul", r"einsum\(\): subscript \w has size \d+ for operand \d+ which does not broadcast"),
    ("matmul", r"einsum\(\): operands do not broadcast"),
    ("conv", r"Given (groups|transposed)=\d+, weight of size .* expected input.* to have \d+ channels"),
    ("conv-dimensions", r"Expected .*input to conv(_transpose)?\dd, but got input of size"),
    ("kernel", r"Kernel size can't be greater than actual input size"),
    ("pool", r"Calculated output size: .* Output size is too small"),
    ("cat", r"Sizes of tensors must match except in dimension"),
    ("cat", r"Tensors must have same number of dimensions"),
    ("cat", r"stack expects each tensor to be equal size"),
    ("view", r"shape '.*' is invalid for input of size"),
    ("contiguous", r"view size is not compatible with input tensor's size and stride"),
    ("batch", r"Expected input batch_size \(\d+\) to match target batch_size"),
    ("target-shape", r"0D or 1D target tensor expected, multi-target not supported"),
    ("target-shape", r"only batches of spatial targets supported"),
    ("sizes", r"size mismatch \(got input: .*, target:"),
    ("sizes", r"Expected target size \[.*\], got \["),
    ("sizes", r"For 1D input, 1D target must have size 1"),
    ("sizes", r"Using a target size .* that is different to the input size"),
    ("sizes", r"Target size .* must be the same as input size"),
    ("channels", r"running_mean should contain \d+ elements not \d+"),
    ("channels", r"Expected weight to be a vector of size equal to the number of channels in input"),
    ("channels", r"Given normalized_shape="),
    ("channels", r"Mismatch of parameter numbers and input channel size"),
    ("dimensions", r"expected \S+ (or \S+ )?input \(got \dD input\)"),
    ("features", r"input\.size\(-1\) must be equal to input_size"),
    ("features", r"input has inconsistent input_size: got \d+ expected \d+"),
    ("features", r"was expecting embedding dimension of \d+, but got"),
    ("features", r"the feature number of src and tgt must be equal to d_model"),
    ("features", r"bilinear\(\): input\d size does not match weight size"),
    ("hidden", r"Expected hidden(\[\d\])? size \(.*\), got"),
    ("expand", r"The expanded size of the tensor"),
    ("expand", r"shape mismatch: value tensor of shape"),
    ("broadcast", r"The size of tensor a \(\d+\) must match the size of tensor b \(\d+\)"),
)
_DTYPES: tuple[tuple[str, str], ...] = (
    ("target-dtype", r"expected target dtype to be Long or Byte|expected scalar type Long but found|Expected floating"),
    ("dtype", r"mat1 and mat2 must have the same dtype"),
    ("dtype", r"expected m1 and m2 to have the same dtype"),
    ("dtype", r"Input type \(.*\) and (bias|weight) type \(.*\) should be the same"),
    ("dtype", r"expected scalar type \w+ but found \w+"),
    ("dtype", r"Found dtype \w+ but expected \w+"),
    ("dtype", r"result type \w+ can't be cast to the desired output type"),
    ("dtype", r"expected .* to have the same dtype"),
    ("dtype", r"mixed dtype"),
    ("index-dtype", r"Expected tensor for argument #1 'indices' to have one of the following scalar types"),
    ("index-dtype", r"one_hot is only applicable to index tensor"),
)
_DEVICES = re.compile(
    r"Expected all tensors to be on the same device|is not on the expected device|and weight type \(torch\."
)
_LOSSES = re.compile(r"loss|cross_entropy")
_BROADCASTS = "broadcast"


def mismatch(witness: Witness, call: Call) -> Clue | None:
    """What does not fit; None where torch's words are not about that."""
    text = witness.failure.text
    if _DEVICES.search(text) and len({item.device for item in call.tensors}) > 1:
        return _clue("device", witness, call, _differing(call.tensors, lambda item: item.device))
    for what, pattern in _DTYPES:
        if re.search(pattern, text):
            if what == "index-dtype":
                return _clue(what, witness, call, call.tensors[:1])
            if len({item.dtype for item in call.tensors}) > 1 or what == "target-dtype":
                chosen = call.tensors[:2] if _LOSSES.search(call.name) else _differing(call.tensors, _dtype)
                return _clue(what, witness, call, chosen)
    for what, pattern in _SHAPES:
        found = re.search(pattern, text)
        if found is not None and call.tensors:
            return _shapes(what, witness, call)
    return None


def _dtype(tensor: Tensor) -> object:
    return tensor.dtype


def _shapes(what: str, witness: Witness, call: Call) -> Clue:
    text, tensors = witness.failure.text, call.tensors
    if what == "matmul" and call.name == "linear":
        what = "linear"
    elif what == "cat":
        tensors = _entries(text, tensors)
    elif what == "broadcast" and _LOSSES.search(call.name):
        what = "sizes"
    elif what == "broadcast":
        tensors = _unbroadcast(text, tensors)
    elif what in ("view", "contiguous", "kernel", "pool", "dimensions", "conv-dimensions"):
        tensors = tensors[: 2 if what in ("kernel", "conv-dimensions") else 1]
    elif what == "channels":
        tensors = [tensors[0], *_parameters(call, witness.failure)][:2]
    elif what in ("features", "hidden"):
        tensors = tensors[: 1 if what == "features" else 2]
    return _clue(what, witness, call, tensors[:2] if what != "matmul" else _factors(text, tensors))


def _parameters(call: Call, failure: Failure) -> list[Tensor]:
    """The weight that has as many elements as there should be channels."""
    weight = call.argument(3, "weight") if "batch" in call.name else call.argument(2, "weight")
    own = weight if isinstance(weight, Tensor) else getattr(failure.module, "weight", None)
    return [own] if isinstance(own, Tensor) else [item for item in call.tensors[1:] if item.ndim == 1][:1]


def _factors(text: str, tensors: list[Tensor]) -> list[Tensor]:
    """The two that are multiplied: of a call with more, those of the sizes in torch's words."""
    said = re.search(r"\((\d+)x(\d+) and (\d+)x(\d+)\)", text)
    if said is None or len(tensors) < 3:
        return tensors[:2]
    first, second = int(said[2]), int(said[3])
    one = next((item for item in tensors if item.ndim and item.shape[-1] == first), tensors[0])
    rest = [item for item in tensors if item is not one]
    two = next((item for item in rest if second in item.shape[-2:]), rest[0])
    return [one, two]


def _entries(text: str, tensors: list[Tensor]) -> list[Tensor]:
    """The first of a list, and the one that is not like it."""
    number = re.search(r"for tensor number (\d+) in the list|at entry (\d+)$", text.partition("\n")[0])
    if number is not None:
        at = int(number[1] or number[2])
    else:
        at = next((place for place, item in enumerate(tensors) if item.ndim != tensors[0].ndim), 1)
    return [tensors[0], tensors[at]] if at < len(tensors) else tensors[:2]


def _unbroadcast(text: str, tensors: list[Tensor]) -> list[Tensor]:
    """Two that have those sizes."""
    said = re.search(
        r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)", text
    )
    if said is None or len(tensors) < 3:
        return tensors[:2]
    sizes = int(said[1]), int(said[2])
    fitting = [next((item for item in tensors if size in item.shape), tensors[0]) for size in sizes]
    return fitting if fitting[0] is not fitting[1] else tensors[:2]


def _differing(tensors: Sequence[Tensor], of: Callable[[Tensor], object]) -> list[Tensor]:
    """The first, and the first that is not like it in that."""
    other = next((item for item in tensors[1:] if of(item) != of(tensors[0])), None)
    return [tensors[0], *([other] if other is not None else [])]


def _clue(what: str, witness: Witness, call: Call, tensors: Sequence[Tensor]) -> Clue:
    """What is told of it."""
    numbers: dict[str, float] = {}
    text = witness.failure.text
    if what == "view":
        wanted = re.search(r"shape '\[([-\d, ]*)\]'", text)
        sizes = [int(part) for part in wanted[1].split(",")] if wanted and wanted[1] else []
        numbers = {f"wanted{at}": float(size) for at, size in enumerate(sizes)}
    elif what == "broadcast":
        said = re.search(r"dimension (\d+)", text)
        numbers = {"dimension": float(said[1])} if said else {}
    elif what in ("features", "hidden", "kernel"):
        numbers = {"wanted": float(_wanted(witness))} if _wanted(witness) else {}
    return witness.explained(what, call, tensors, numbers)


def _wanted(witness: Witness) -> int:
    """How many features the module was made for."""
    module = witness.failure.module
    for name in ("input_size", "embed_dim", "d_model", "kernel_size"):
        size = getattr(module, name, None)
        size = size[0] if isinstance(size, tuple) and size else size
        if isinstance(size, int):
            return size
    return 0
