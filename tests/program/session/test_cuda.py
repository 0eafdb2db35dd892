"""Programs on an NVIDIA GPU: chosen with `--device cuda`, or named by the program itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from gradstep.model.stop import Stop
from running import PROGRAMS, Runner, Watched, gradstep, same
from test_programs import check_gradients, check_losses, documented_phases

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no NVIDIA GPU here"),
]
DEVICE = "cuda"
PLACE = "cuda:0"
CLOSE = 5e-5
"""A GPU may sum in another order; the seed's numbers are printed with four decimals."""

OWN_DEVICE = """
import sys
import torch

torch.manual_seed(0)
device = sys.argv[2]
model = torch.nn.Sequential(torch.nn.Linear(8, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)).to(device)
x = torch.randn(64, 8, device=device)
y = x.sum(1, keepdim=True)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
losses = []
for _ in range(20):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
torch.save({"losses": losses, "weights": model.state_dict()}, sys.argv[1])
"""

SLOW = """
import json
import sys
import time
import torch

w = torch.eye(4096, device="cuda", requires_grad=True)
for _ in range(2):  # the first pass loads kernels
    y = w
    for _ in range(20):
        y = y @ w
    loss = y.trace()
    torch.cuda.synchronize()
    start = time.perf_counter()
    loss.backward()
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
with open(sys.argv[1], "w") as file:
    json.dump(seconds, file)
"""

NOISY = """
import torch

torch.manual_seed(1)
x = torch.randn(16, 32, device="cuda")
w = torch.full((32,), 0.01, device="cuda", requires_grad=True)
for step in range(8):
    w.grad = None
    loss = torch.nn.functional.dropout((x * w) ** 2, 0.9).sum()
    loss.backward()
    with torch.no_grad():
        w -= 1e-6 * w.grad
"""


def places(found: Watched) -> set[str]:
    """Devices of all that the stops show."""
    return {view.device for stop in found.stops for view in stop.tensors.values() if not view.freed}


def test_the_seed_on_the_gpu(runner: Runner) -> None:
    found = runner.watch(PROGRAMS / "seed.ipynb", kind="notebook", device=DEVICE)
    assert (found.code, found.phases) == (0, "f b f b u f b u f b u f")
    assert places(found) == {PLACE}
    losses = [stop.loss.value for stop in found.of("forward") if stop.loss is not None]
    assert losses == pytest.approx([1.0, 16.0, 8.2944, 0.9094, 1.5371], abs=CLOSE)
    ledgers = [stop.gradients["w"] for stop in found.of("backward")]
    fresh = [ledger.fresh.value for ledger in ledgers if ledger.fresh is not None]
    assert fresh[0] == -2
    for mine, seed in zip(fresh[1:], ([16, 24, 8], [11.52, 17.28, 5.76], [3.8144, 5.7216, 1.9072]), strict=True):
        assert mine == pytest.approx(seed, abs=CLOSE)
    assert [ledger.stale for ledger in ledgers] == [False, False, True, True]
    weights = [stop.tensors["w"].value for stop in found.of("update")]
    for mine, seed in zip(
        weights, ([0.84, 0.76, 1.92], [0.5648, 0.3472, 1.7824], [0.2515, -0.1228, 1.6257]), strict=True
    ):
        assert mine == pytest.approx(seed, abs=CLOSE)
    assert [stop.index for stop in found.stops if stop.finding("overshoot")] == [12]


@pytest.mark.parametrize(
    "name", ["clear_never.py", "micro_batches.py", "lbfgs.py", "gan.py", "custom_function.py", "hand_data_assign.py"]
)
def test_a_program_that_names_no_device(name: str, runner: Runner, tmp_path: Path) -> None:
    found = runner.watch(PROGRAMS / name, str(tmp_path / "log.pt"), device=DEVICE)
    assert (found.code, found.phases) == (0, documented_phases(PROGRAMS / name))
    assert places(found) == {PLACE}
    log = torch.load(tmp_path / "log.pt", map_location="cpu", weights_only=False)
    check_losses(log, found)
    check_gradients(log, found)


@pytest.mark.parametrize("name", ["clear_never.py", "micro_batches.py"])
def test_the_ledger_adds_up(name: str, runner: Runner) -> None:
    entries = [
        entry
        for stop in runner.watch(PROGRAMS / name, device=DEVICE).of("backward")
        for entry in stop.gradients.values()
    ]
    checked = 0
    for entry in entries:
        if entry.held and entry.fresh and entry.now and None not in (entry.held.value, entry.fresh.value):
            total = torch.tensor(entry.held.value) + torch.tensor(entry.fresh.value)
            assert torch.allclose(total, torch.tensor(entry.now.value), rtol=1e-5, atol=1e-6)
            checked += 1
    assert checked > 1


@pytest.mark.parametrize(
    ("chosen", "own", "place"), [(DEVICE, "cpu", "cpu"), ("cpu", DEVICE, PLACE), (None, DEVICE, PLACE)]
)
def test_a_program_that_names_its_device_keeps_it(
    chosen: str | None, own: str, place: str, runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN_DEVICE)
    found = runner.watch(tmp_path / "own.py", str(tmp_path / "log.pt"), own, device=chosen, directory=tmp_path)
    assert found.code == 0
    assert found.phases == " ".join(["f b u"] * 20)
    assert places(found) == {place}
    assert runner.plain(tmp_path / "own.py", str(tmp_path / "plain.pt"), own, directory=tmp_path) == 0
    logs = [torch.load(tmp_path / name, map_location="cpu") for name in ("log.pt", "plain.pt")]
    if chosen is None:
        assert same(*logs), "the program's results differ because it was watched"


def test_seconds_wait_for_the_gpu(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    assert runner.plain(tmp_path / "slow.py", str(tmp_path / "seconds"), directory=tmp_path) == 0
    own = json.loads((tmp_path / "seconds").read_text())
    found = runner.watch(tmp_path / "slow.py", str(tmp_path / "seconds"), directory=tmp_path, step=True)
    assert found.of("backward")[-1].seconds >= own / 2


def test_the_trace_lists_what_there_is() -> None:
    done = gradstep("trace", "--device", "cuda:99", "clear_never.py")
    assert done.returncode == 2
    assert done.stderr.startswith("gradstep: no device 'cuda:99' here; this torch has cpu, cuda:0")
    assert len(done.stderr.splitlines()) == 1


def test_a_step_inside_backward(runner: Runner) -> None:
    """Autograd runs the hooks of a GPU's leaves in a thread of its own."""
    name = "step_in_backward.py"
    found = runner.watch(PROGRAMS / name, device=DEVICE)
    assert (found.code, found.phases) == (0, documented_phases(PROGRAMS / name))


def test_noise_drawn_on_the_gpu_is_no_overshoot(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(NOISY)
    found = runner.watch(tmp_path / "noisy.py", directory=tmp_path)

    def kinds(stop: Stop) -> set[str]:
        return {finding.kind for finding in stop.findings}

    met = set().union(*map(kinds, found.stops))
    assert "loss-rose" in met
    assert "overshoot" not in met
