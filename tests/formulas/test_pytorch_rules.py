"""PyTorch's own rules, found by the name of a node."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from gradstep.formulas import Argument, Call, PyTorchRules, explain
from gradstep.formulas.pytorch import find_file


@pytest.fixture(scope="module")
def rules() -> PyTorchRules:
    return PyTorchRules()


def test_nodes_of_real_ops_have_the_entry_whose_values_they_save(rules: PyTorchRules) -> None:
    """Numbering as PyTorch does it: each node saves what its entry speaks of."""
    x, y = torch.rand(3, 3, requires_grad=True), torch.rand(3, 3, requires_grad=True)
    results = {
        "pow-number": x**2, "pow-tensor": x**y, "number-pow": 2**x, "mul": x * y, "div": x / y, "exp": x.exp(),
        "sum": x.sum(), "sum-dim": x.sum(0), "mean-dim": x.mean(0), "std": x.std(0), "amax": x.amax(0),
        "softmax": x.softmax(0), "mm": x @ y, "cumprod": x.cumprod(0), "atan2": x.atan2(y), "sort": x.sort(0)[0],
        "lerp": x.lerp(y, 0.3), "norm": x.norm(), "unbind": x.unbind()[0], "index": x[torch.tensor([0, 1])],
        "nll": torch.nn.functional.nll_loss(x, torch.tensor([0, 1, 2])), "where": torch.where(x > 0, x, y),
        "max": x.max(), "max-dim": x.max(0)[0], "cholesky": torch.linalg.cholesky(x @ x.T + torch.eye(3)),
        "polygamma": torch.special.polygamma(1, x), "celu": torch.nn.functional.celu(x),
    }  # fmt: skip
    for label, result in results.items():
        assert result.grad_fn is not None
        name = result.grad_fn.name()
        entry = rules.entry(name)
        assert entry is not None, f"{label}: {name}"
        text = " ".join(entry.rules.values())
        saved = {part[7:].partition("_sym_")[0] for part in dir(result.grad_fn) if part.startswith("_saved_")}
        assert {part for part in saved if part not in text} <= {"result"}, f"{label}: {name} is not {text}"


def test_an_op_without_a_row_gets_pytorchs_rule_and_says_so(rules: PyTorchRules) -> None:
    x, out = Argument("x", (3,)), Argument("", (3,))
    (found,) = explain(Call("digamma", (x,), (), out, "t", "DigammaBackward0"), rules)
    assert found.rule == "DigammaBackward0: grad * polygamma(1, self)"
    assert not found.ours
    assert not found.formula
    assert found.form == "jacobian"


def test_a_node_that_nobody_knows_gets_nothing(rules: PyTorchRules) -> None:
    x, out = Argument("x", (3,)), Argument("", (3,))
    (found,) = explain(Call("MyFunction", (x,), (), out, "", "MyFunctionBackward"), rules)
    assert found.rule == ""


def test_a_function_of_the_users_with_a_familiar_name_is_not_taken_for_pytorchs(rules: PyTorchRules) -> None:
    x, out = Argument("x", (3,)), Argument("", (3,))
    (own,) = explain(Call("Relu", (x,), (), out, "", "ReluBackward"), rules)
    (known,) = explain(Call("Relu", (x,), (), out, "", "ReluBackward0"), rules)
    assert own.rule == ""
    assert known.rule == "∂L/∂x = δ * [x > 0]"


def test_a_torch_without_the_file_has_no_rules(tmp_path: Path) -> None:
    empty = tmp_path / "derivatives.yaml"
    empty.write_text("")
    assert PyTorchRules(empty).entry("MulBackward0") is None
    assert find_file() is not None


def test_formulas_import_nothing_heavy() -> None:
    code = "import gradstep.formulas as f, sys; f.PyTorchRules().entry('MulBackward0'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "torchgen", "yaml", "textual", "rich", "numpy"} & set(done.stdout.split())
