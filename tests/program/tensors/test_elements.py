"""What the inspector reads of a tensor, against torch and numpy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy
import pytest
import torch
from gradstep.model.digits import shortest
from gradstep.model.survey import Span, Survey
from gradstep.program.tensors.elements import PIECE, Elements, values_of
from gradstep.program.tensors.survey import seek, survey
from gradstep.program.tensors.views import name_of, unreadable
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode


def surveyed(tensor: Tensor) -> Survey:
    *_, last = survey(Elements(tensor))
    assert last is not None
    return last


def sought(tensor: Tensor, after: int) -> int:
    *_, last = seek(Elements(tensor), after)
    assert last is not None
    return last


def whole(tensor: Tensor) -> list[Any]:
    return values_of(Elements(tensor).window(tuple((0, size, 1) for size in tensor.shape)))


def random(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)


FLOATS = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]
NARROW = [
    torch.float16,
    torch.bfloat16,
    torch.float8_e4m3fn,
    torch.float8_e5m2,
    torch.float8_e4m3fnuz,
    torch.float8_e5m2fnuz,
]
WHOLES = [torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8, torch.uint16, torch.uint32, torch.uint64]


@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_floats(dtype: torch.dtype) -> None:
    tensor = (random(70, 50) * 3 + 1).to(dtype)
    tensor[3, 4] = 0
    exact = tensor.double()
    assert torch.equal(torch.tensor(whole(tensor), dtype=torch.float64).to(dtype).double(), exact.reshape(-1))
    found = surveyed(tensor)
    assert torch.tensor(found.min, dtype=torch.float64).to(dtype).double() == exact.min()
    assert torch.tensor(found.max, dtype=torch.float64).to(dtype).double() == exact.max()
    assert exact.reshape(-1)[found.min_at] == exact.min()
    assert exact.reshape(-1)[found.max_at] == exact.max()
    assert found.mean == pytest.approx(exact.mean().item(), rel=1e-6)
    assert found.std == pytest.approx(exact.std().item(), rel=1e-6)
    assert found.norm == pytest.approx(exact.norm().item(), rel=1e-6)
    assert found.zeros == int((exact == 0).sum()) > 0
    assert (found.nan, found.inf) == (0, 0)
    counts, _ = numpy.histogram(exact.numpy(), 32, (found.low, found.high))
    assert sum(found.bins) == 3500
    assert numpy.abs(numpy.cumsum(found.bins) - numpy.cumsum(counts)).max() <= (2 if dtype in FLOATS[:2] else 0)


@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_every_value_of_a_narrow_dtype_is_exact_and_its_decimal_reads_back(dtype: torch.dtype) -> None:
    bits = torch.arange(2 ** (8 * dtype.itemsize)).to({1: torch.int8, 2: torch.int16}[dtype.itemsize])
    every = bits[bits.view(dtype).float().isfinite()].view(dtype)
    exact = every.double().tolist()
    assert whole(every) == exact
    short = shortest(exact, name_of(dtype))
    assert isinstance(short, list)
    assert torch.equal(torch.tensor(short, dtype=torch.float64).to(dtype).double(), every.double())
    digits = [len(f"{abs(value):e}".partition("e")[0].replace(".", "").rstrip("0")) for value in short]
    fewer = [float(f"{value:.{many - 1}g}") if many > 1 else 0.0 for value, many in zip(exact, digits, strict=True)]
    lost = torch.tensor(fewer, dtype=torch.float64).to(dtype).double() != every.double()
    assert bool((lost | (torch.tensor(digits) <= 1)).all())


@pytest.mark.parametrize("dtype", WHOLES, ids=str)
def test_whole_numbers(dtype: torch.dtype) -> None:
    tensor = torch.arange(-3, 5000).remainder(97).to(dtype)
    exact = tensor.tolist()
    found = surveyed(tensor)
    assert whole(tensor) == exact
    assert (found.min, found.max) == (min(exact), max(exact))
    assert (found.min_at, found.max_at) == (exact.index(min(exact)), exact.index(max(exact)))
    assert found.mean == pytest.approx(numpy.mean(exact))
    assert found.std == pytest.approx(numpy.std(exact, ddof=1))
    assert found.norm == pytest.approx(numpy.linalg.norm(exact))
    assert found.zeros == exact.count(0)
    assert found.bins == tuple(numpy.histogram(exact, 32, (found.low, found.high))[0])


def test_large_integers_are_exact() -> None:
    tensor = torch.tensor([2**62 + 1, -(2**62) - 3, 0])
    found = surveyed(tensor)
    assert (found.min, found.max) == (-(2**62) - 3, 2**62 + 1)
    assert whole(tensor) == tensor.tolist()


def test_few_whole_numbers_have_a_bar_each() -> None:
    found = surveyed(torch.tensor([0, 1, 1, 3, 3, 3]))
    assert (found.bins, found.low, found.high) == ((1, 2, 0, 3), -0.5, 3.5)


def test_booleans() -> None:
    tensor = random(40, 5) > 0.3
    found = surveyed(tensor)
    true = int(tensor.sum())
    assert whole(tensor) == tensor.reshape(-1).tolist()
    assert (found.min, found.max, found.bins) == (False, True, (200 - true, true))
    assert found.mean == pytest.approx(true / 200)
    assert found.zeros == 200 - true


@pytest.mark.parametrize("dtype", [torch.complex32, torch.complex64, torch.complex128], ids=str)
@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_complex(dtype: torch.dtype) -> None:
    tensor = torch.complex(random(90), random(90).flip(0)).to(dtype)
    exact = tensor.to(torch.complex128)
    found = surveyed(tensor)
    assert torch.equal(torch.tensor(whole(tensor), dtype=torch.float64), torch.view_as_real(exact)) or (
        torch.allclose(torch.tensor(whole(tensor), dtype=torch.float64), torch.view_as_real(exact), rtol=1e-6)
    )
    assert found.min == pytest.approx(exact.abs().min().item(), rel=1e-6)
    assert found.max == pytest.approx(exact.abs().max().item(), rel=1e-6)
    assert found.max_at == int(exact.abs().argmax())
    assert found.mean == pytest.approx([exact.mean().real.item(), exact.mean().imag.item()], rel=1e-5)
    assert found.std == pytest.approx(exact.std().item(), rel=1e-6)
    assert found.norm == pytest.approx(exact.norm().item(), rel=1e-6)
    assert sum(found.bins) == 90


def test_conjugates_are_resolved() -> None:
    tensor = torch.tensor([1 + 2j, 3 - 4j]).conj()
    assert whole(tensor) == [[1.0, -2.0], [3.0, 4.0]]
    assert whole(tensor.imag) == [-2.0, 4.0]


def test_statistics_are_those_of_the_finite_elements() -> None:
    tensor = random(500)
    tensor[[7, 8, 450]] = torch.tensor([math.nan, math.inf, -math.inf])
    good = tensor[tensor.isfinite()].double()
    found = surveyed(tensor)
    assert (found.nan, found.inf) == (1, 2)
    assert tensor[found.min_at] == good.min()
    assert tensor[found.max_at] == good.max()
    assert found.mean == pytest.approx(good.mean().item())
    assert found.std == pytest.approx(good.std().item())
    assert sum(found.bins) == 497


def test_nothing_finite() -> None:
    found = surveyed(torch.full((100,), math.nan))
    assert (found.min, found.max, found.mean, found.nan, found.bins) == (None, None, None, 100, ())


@pytest.mark.parametrize("shift", [0.0, 1e6, -1e4])
def test_a_small_spread_about_a_large_mean(shift: float) -> None:
    tensor = random(PIECE + 777) + shift
    exact = tensor.double()
    found = surveyed(tensor)
    assert found.mean == pytest.approx(exact.mean().item(), rel=1e-9, abs=1e-6)
    assert found.std == pytest.approx(exact.std().item(), rel=1e-5)
    counts, _ = numpy.histogram(exact.numpy(), 32, (found.low, found.high))
    assert numpy.abs(numpy.cumsum(found.bins) - numpy.cumsum(counts)).max() <= PIECE // 20_000


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_whole_range_of_a_dtype(dtype: torch.dtype) -> None:
    most = torch.finfo(dtype).max
    found = surveyed(torch.tensor([-most, 0.0, most], dtype=dtype))
    assert (found.bins[0], found.bins[16], found.bins[31]) == (1, 1, 1)
    tiny = surveyed(torch.tensor([0.0, 1e-44], dtype=dtype))
    assert (tiny.bins[0], tiny.bins[31]) == (1, 1)


def shapes_of_memory() -> Iterator[tuple[str, Tensor]]:
    base = random(1200, 1000)
    yield "transposed", base.t()
    yield "every other", base[::2, ::3]
    yield "expanded", random(1000).expand(1200, 1000)
    yield "channels last", random(4, 3, 400, 300).contiguous(memory_format=torch.channels_last)
    yield "one row", base[:, :1].expand(1200, 1000)


@pytest.mark.parametrize(("name", "tensor"), list(shapes_of_memory()))
def test_any_strides(name: str, tensor: Tensor) -> None:
    joined = torch.cat([piece for _, piece in Elements(tensor).pieces()])
    assert torch.equal(joined, tensor.reshape(-1))
    found = surveyed(tensor)
    assert tensor.reshape(-1)[found.max_at] == tensor.max()
    assert found.max_at == int((tensor.reshape(-1) == tensor.max()).nonzero()[0])
    assert found.std == pytest.approx(tensor.double().std().item(), rel=1e-5)


@pytest.mark.parametrize("layout", ["coo", "uncoalesced", "csr", "csc", "bsr", "bsc", "hybrid"])
@pytest.mark.filterwarnings("ignore:Sparse")
def test_sparse(layout: str) -> None:
    dense = random(40, 30) * (random(40, 30).abs() > 1.5)
    sparse: Tensor = {  # type: ignore[operator]
        "coo": dense.to_sparse,
        "uncoalesced": lambda: torch.sparse_coo_tensor(
            torch.tensor([[3, 3, 9], [4, 4, 1]]), torch.tensor([1.0, 2.0, 5.0]), (40, 30)
        ),
        "csr": dense.to_sparse_csr,
        "csc": dense.to_sparse_csc,
        "bsr": lambda: dense.to_sparse_bsr((2, 3)),
        "bsc": lambda: dense.to_sparse_bsc((2, 3)),
        "hybrid": lambda: dense.reshape(40, 10, 3).to_sparse(2),
    }[layout]()
    exact = sparse.to_dense()
    was_coalesced = sparse.is_coalesced() if sparse.layout is torch.sparse_coo else None
    assert whole(sparse) == whole(exact)
    spans: tuple[Span, ...] = ((39, 10, -3), (2, 7, 2), (1, 2, 1))[: exact.ndim]
    seen = exact.flip(0)[::3][:10][:, 2:15:2]
    seen = seen[..., 1:3] if exact.ndim == 3 else seen
    assert values_of(Elements(sparse).window(spans)) == whole(seen)
    found = surveyed(sparse)
    flat = exact.reshape(-1).double()
    assert found.zeros == int((flat == 0).sum())
    assert found.mean == pytest.approx(flat.mean().item(), rel=1e-6)
    assert found.std == pytest.approx(flat.std().item(), rel=1e-6)
    assert (found.min, found.max) == pytest.approx((flat.min().item(), flat.max().item()))
    assert flat[found.max_at] == flat.max()
    assert sum(found.bins) == flat.numel()
    if was_coalesced is not None:
        assert sparse.is_coalesced() == was_coalesced


@pytest.mark.filterwarnings("ignore")
def test_quantised() -> None:
    exact = random(30, 20)
    for tensor in (
        torch.quantize_per_tensor(exact, 0.05, 3, torch.qint8),
        torch.quantize_per_channel(exact, torch.full((30,), 0.05), torch.zeros(30, dtype=torch.int64), 0, torch.qint8),
    ):
        assert whole(tensor) == whole(tensor.dequantize())
        assert Elements(tensor).layout == "quantised"
        assert surveyed(tensor).max == pytest.approx(tensor.dequantize().max().item())


@pytest.mark.parametrize("shape", [(0,), (0, 3), (4, 0, 2)])
def test_empty(shape: tuple[int, ...]) -> None:
    tensor = torch.empty(shape)
    assert whole(tensor) == []
    assert surveyed(tensor) == Survey()
    assert sought(tensor, -1) == -1


def test_a_single_number() -> None:
    tensor = torch.tensor(2.5)
    found = surveyed(tensor)
    assert values_of(Elements(tensor).window(())) == [2.5]
    assert (found.min, found.max, found.mean, found.std, found.bins) == (2.5, 2.5, 2.5, None, (1,))


@pytest.mark.parametrize("sparse", [False, True])
def test_the_next_that_is_not_finite(sparse: bool) -> None:
    tensor = torch.zeros(PIECE, 3)
    places = [5, 6, PIECE + 9, 3 * PIECE - 1]
    tensor.view(-1)[torch.tensor(places)] = torch.tensor([math.nan, math.inf, -math.inf, math.nan])
    seen = tensor.to_sparse() if sparse else tensor
    assert [sought(seen, after) for after in (-1, 5, 6, PIECE + 9, 3 * PIECE - 1)] == [*places, places[0]]
    assert sought(torch.zeros(10), 3) == -1
    assert sought(torch.ones(10, dtype=torch.int32), -1) == -1


@pytest.mark.parametrize(
    ("spans", "index"),
    [
        (((2, 3, 1), (0, 5, 1)), (slice(2, 5), slice(0, 5))),
        (((1, 4, 3), (6, 1, 1)), (slice(1, 13, 3), slice(6, 7))),
        (((10, 100, 1), (5, 100, 1)), (slice(10, 110), slice(5, 105))),
    ],
)
def test_windows(spans: tuple[Span, ...], index: Any) -> None:
    tensor = random(20, 7)
    assert values_of(Elements(tensor).window(spans)) == whole(tensor[index])
    assert values_of(Elements(tensor).window(((19, 7, -3), (0, 7, 1)))) == whole(tensor.flip(0)[::3])


@pytest.mark.filterwarnings("ignore")
def test_what_has_no_data_is_said() -> None:
    with FakeTensorMode():
        fake = torch.empty(3, 4)
    assert unreadable(fake) == "a fake tensor: it has a shape and no data"
    assert unreadable(torch.empty(3, 4, device="meta")) == "a meta tensor: it has a shape and no data"
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    assert unreadable(nested).startswith("a nested tensor")
    assert unreadable(torch.ones(1)) == ""


def test_reading_leaves_no_trace() -> None:
    tensor = random(2000, 900).requires_grad_()
    tensor.grad = random(2000, 900)
    state, versions = torch.get_rng_state(), (tensor._version, tensor.grad._version)
    for data in (tensor, tensor.grad):
        surveyed(data)
        sought(data, 5)
        Elements(data).window(((0, 9, 1), (0, 9, 1)))
    assert torch.equal(torch.get_rng_state(), state)
    assert (tensor._version, tensor.grad._version) == versions
    assert tensor.is_leaf
    assert torch.is_grad_enabled()
