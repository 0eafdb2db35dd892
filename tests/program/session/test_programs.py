"""Each program of `tests/programs`, against plain torch: its phases, its losses, its gradients, its final weights."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from chain_rule import check_chain_rule
from gradstep.model.stop import Gradient
from running import PROGRAMS, Once, Runner, Watched, same

NEEDS_A_PERSON = {"endless.py", "asks_input.py"}
KEEP_GRADIENTS = {"clear_never.py", "gan.py", "micro_batches.py"}
NAMES = sorted({path.name for path in PROGRAMS.glob("*.py")} - NEEDS_A_PERSON)


def documented_phases(path: Path) -> str | None:
    """The line `Phases: f b u …` of the program's docstring."""
    found = re.search(r"^Phases:(.*?)(?:\n\s*\n|\Z)", ast.get_docstring(ast.parse(path.read_text())) or "", re.M | re.S)
    return " ".join(re.findall(r"\b[fbu]\b", found.group(1))) if found else None


@pytest.mark.parametrize("name", NAMES)
def test_program(name: str, runner: Runner, once: Once, tmp_path: Path) -> None:
    phases = documented_phases(PROGRAMS / name)
    log = tmp_path / "log.pt"
    watched = runner.watch(PROGRAMS / name, str(log))
    code, plain_log = runner.plain_once(name, once)
    assert watched.code == (128 - code if code < 0 else code)
    if phases is not None:
        assert watched.phases == phases
    assert log.exists() == plain_log.exists()
    if log.exists():
        expected, found = torch.load(plain_log, weights_only=False), torch.load(log, weights_only=False)
        assert same(expected, found), "the program's own results differ because it was watched"
        check_losses(expected, watched)
        check_gradients(expected, watched)
    check_chain_rule(watched)
    assert check_ledger(watched) > 10 or name not in KEEP_GRADIENTS


def check_losses(log: dict[str, Any], watched: Watched) -> None:
    """The losses that the program wrote down are those of the backward stops."""
    losses = [stop.loss.value for stop in watched.of("backward") if stop.loss is not None]
    if "losses" in log and len(log["losses"]) == len(losses):
        for mine, own in zip(losses, log["losses"], strict=True):
            if mine is not None:
                assert mine == pytest.approx(own, rel=1e-6, nan_ok=True)


def check_gradients(log: dict[str, Any], watched: Watched) -> None:
    """What the program found in `.grad` after each backward pass is what the ledger calls now."""
    stops = watched.of("backward")
    if len(log.get("grads", ())) != len(stops):
        return
    for stop, grads in zip(stops, log["grads"], strict=True):
        pairs = grads.items() if isinstance(grads, dict) else [("", value) for value in grads]
        for name, value in pairs:
            entries = [
                entry for key, entry in stop.gradients.items() if not name or key == name or key.endswith(f".{name}")
            ]
            if isinstance(value, torch.Tensor) and entries:
                assert any(agrees(entry, value) for entry in entries), (stop.index, name)


def agrees(entry: Gradient, own: torch.Tensor) -> bool:
    """Whether a ledger's `now` (without a GradScaler's factor), what was returned or deposited is that tensor."""
    own = own.to_dense() if own.is_sparse else own
    for shown in (entry.now, entry.returned, entry.fresh):
        if shown is None or shown.shape != tuple(own.shape):
            continue
        for scale in (1.0, entry.scale or 1.0):
            if shown.value is not None:
                mine = torch.tensor(shown.value, dtype=torch.float64)
                real = torch.view_as_real(own) if own.is_complex() else own
                if torch.allclose(mine / scale, real.double(), rtol=1e-6, atol=0, equal_nan=True):
                    return True
            elif shown.norm is not None and shown.norm / scale == pytest.approx(own.float().norm().item(), rel=1e-5):
                return True
    return False


def check_ledger(watched: Watched) -> int:
    """held + fresh = now, for every leaf that keeps gradients; how many were compared."""
    checked = 0
    for stop in watched.of("backward"):
        for entry in stop.gradients.values():
            if entry.held and entry.fresh and entry.now and None not in (entry.held.value, entry.fresh.value):
                total = torch.tensor(entry.held.value) + torch.tensor(entry.fresh.value)
                assert torch.allclose(total, torch.tensor(entry.now.value), rtol=1e-5, atol=1e-7)
                checked += 1
    return checked


def test_a_new_tensor_in_an_old_ones_memory_is_nobodys(runner: Runner) -> None:
    """What an optimizer had is told apart by more than its address, which is used again."""
    watched = runner.watch(PROGRAMS / "memory_used_again.py")
    assert [stop.facts["w"].owner for stop in watched.of("update")[1:]] == [-1, -1, -1]
