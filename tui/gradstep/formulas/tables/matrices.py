"""Products of vectors and matrices, alone and in batches; linear layers; einsum."""

from __future__ import annotations

from gradstep.formulas.row import Bound, Row


def _einsum(bound: Bound, place: str) -> str:
    """`ij,jk->ik` by its first operand: `ik,jk->ij` of δ and the second."""
    equation = str(bound.value("equation")).replace(" ", "")
    terms, _, result = equation.partition("->")
    operands = terms.split(",")
    mine = int(place.rpartition("_")[2])
    others = [number for number in range(len(operands)) if number != mine]
    letters = {letter for number in others for letter in operands[number]} | set(result)
    own = operands[mine]
    if "." in equation or "->" not in equation or len(set(own)) < len(own):
        return ""
    reached = "".join(letter for letter in own if letter in letters)
    text = ",".join([result, *(operands[number] for number in others)])
    arguments = ", ".join(["grad", *(f"operands_{number}" for number in others)])
    call = f"einsum('{text}->{reached}', {arguments})"
    if reached == own:
        return call
    missing = tuple(axis for axis, letter in enumerate(own) if letter not in letters)
    return f"spread({call}, {place}, {missing})"


def _is_vector(bound: Bound) -> bool:
    return bound.rank("input") == 1


def _is_square(bound: Bound) -> bool:
    shape = bound.shape("input")
    return len(shape) == 2 and shape[0] == shape[1]


ROWS = (
    Row(
        "matmul __matmul__ dot inner vdot linalg_matmul",
        "$input $other",
        vjp={"input": "grad * other", "other": "grad * input"},
        value="input @ other",
        when=lambda bound: (bound.rank("input"), bound.rank("other")) == (1, 1),
    ),
    Row(
        "matmul __matmul__ mv linalg_matmul",
        "$input $other",
        vjp={"input": "outer(grad, other)", "other": "T(input) @ grad"},
        jacobian={"other": "input"},
        value="input @ other",
        when=lambda bound: (bound.rank("input"), bound.rank("other")) == (2, 1),
    ),
    Row(
        "mv",
        "$input $vec",
        vjp={"input": "outer(grad, vec)", "vec": "T(input) @ grad"},
        jacobian={"vec": "input"},
        value="input @ vec",
    ),
    Row(
        "matmul __matmul__ linalg_matmul",
        "$input $other",
        vjp={"input": "other @ grad", "other": "outer(input, grad)"},
        jacobian={"input": "T(other)"},
        value="input @ other",
        when=lambda bound: (bound.rank("input"), bound.rank("other")) == (1, 2),
    ),
    Row(
        "matmul __matmul__ mm bmm linalg_matmul",
        "$input $other",
        vjp={
            "input": "sum_to(grad @ T(other), input)",
            "other": "sum_to(T(input) @ grad, other)",
        },
        value="input @ other",
        when=lambda bound: min(bound.rank("input"), bound.rank("other")) >= 2,
    ),
    Row(
        "mm bmm",
        "$input $mat2",
        vjp={"input": "grad @ T(mat2)", "mat2": "T(input) @ grad"},
        value="input @ mat2",
    ),
    Row(
        "__rmatmul__",
        "$other $input",
        vjp={"input": "grad @ T(other)", "other": "T(input) @ grad"},
        value="input @ other",
        when=lambda bound: bound.rank("input") == bound.rank("other") == 2,
    ),
    Row(
        "outer ger",
        "$input $vec2",
        vjp={"input": "grad @ vec2", "vec2": "T(grad) @ input"},
        value="outer(input, vec2)",
    ),
    Row(
        "addmm",
        "$input $mat1 $mat2 beta=1 alpha=1",
        vjp={
            "input": "beta * sum_to(grad, input)",
            "mat1": "alpha * (grad @ T(mat2))",
            "mat2": "alpha * (T(mat1) @ grad)",
        },
        value="beta * input + alpha * (mat1 @ mat2)",
        when=lambda bound: bound.rank("mat1") == 2,
    ),
    Row(
        "baddbmm",
        "$input $batch1 $batch2 beta=1 alpha=1",
        vjp={
            "input": "beta * sum_to(grad, input)",
            "batch1": "alpha * (grad @ T(batch2))",
            "batch2": "alpha * (T(batch1) @ grad)",
        },
        value="beta * input + alpha * (batch1 @ batch2)",
    ),
    Row(
        "addmv",
        "$input $mat $vec beta=1 alpha=1",
        vjp={
            "input": "beta * sum_to(grad, input)",
            "mat": "alpha * outer(grad, vec)",
            "vec": "alpha * (T(mat) @ grad)",
        },
        value="beta * input + alpha * (mat @ vec)",
    ),
    Row(
        "linear",
        "$input $weight $bias=None",
        vjp={"input": "T(weight) @ grad", "weight": "outer(grad, input)", "bias": "grad"},
        jacobian={"input": "weight"},
        when=lambda bound: bound.rank("input") == 1 and bound.rank("weight") == 2,
    ),
    Row(
        "linear",
        "$input $weight $bias=None",
        vjp={
            "input": "grad @ weight",
            "weight": "sum_to(T(grad) @ input, weight)",
            "bias": "sum_to(grad, bias)",
        },
        when=lambda bound: bound.rank("input") >= 2 and bound.rank("weight") == 2,
    ),
    Row(
        "bilinear",
        "$input1 $input2 $weight $bias=None",
        vjp={
            "input1": "einsum('nk,kij,nj->ni', grad, weight, input2)",
            "input2": "einsum('nk,kij,ni->nj', grad, weight, input1)",
            "weight": "einsum('nk,ni,nj->kij', grad, input1, input2)",
            "bias": "sum_to(grad, bias)",
        },
        when=lambda bound: bound.rank("input1") == 2,
    ),
    Row("einsum", "equation $*operands", vjp={"operands": _einsum}),
    Row("linalg_inv inverse", "$input", vjp={"input": "-(T(out) @ grad @ T(out))"}),
    Row("det linalg_det", "$input", vjp={"input": "grad * out * T(inverse(input))"}),
    Row("trace", "$input", vjp={"input": "grad * eye(input)"}),
    Row("diag diagonal", "$input", vjp={"input": "diag(grad)"}, when=_is_square),
    Row("diag diag_embed", "$input", vjp={"input": "diagonal(grad)"}, when=_is_vector),
)
