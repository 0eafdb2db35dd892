"""Private names of torch: all in one module; without any of them a program is watched all the same, or refused."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradstep.program
import pytest
import torch
from gradstep import TORCH
from gradstep.program.tensors.private import ATTRIBUTES, NAMES, VITAL, PrivateName

PROGRAM = Path(gradstep.program.__path__[0])
SCRIPT = Path(__file__).parent / "without_names.py"
COMPILED = "_dynamo.eval_frame:_TorchDynamoContext.__call__"
NOT_TORCH = {"_getframe", "_exit", "_showwarnmsg", "_showwarnmsg_impl"}
"""Private names of Python that are used."""
LESS = {
    "_C._FunctionBase": ("numbers", 0),
    "nn.Module.__call__": ("modules", 0),
}
"""What is not told without a name, and how much of it is left."""

Told = dict[str, Any]
Ask = tuple[str, str, str | None]


class Server:
    """The script, and what it said to whom asked before."""

    def __init__(self) -> None:
        command = [sys.executable, str(SCRIPT)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, path: str = "", how: str = "", device: str | None = None) -> tuple[Told, int]:
        """What came of a run without that name, and its exit code."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps((path, how, device)), file=self.process.stdin, flush=True)
        told = json.loads(self.process.stdout.readline())
        return told, int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.process.communicate()


@pytest.fixture(scope="module")
def whole(server: Server) -> Told:
    """With all names there."""
    told, code = server.ask()
    assert (told["notices"], told["refused"], code) == ([], "", 0)
    assert told["phases"] == "fbu" * 3
    assert told["modules"] == 3
    assert told["numbers"] > 0
    return told


def same_run(told: Told, whole: Told) -> bool:
    return all(told[what] == whole[what] for what in ("phases", "losses", "gradients"))


@pytest.mark.parametrize("how", ["missing", "changed"])
@pytest.mark.parametrize("name", NAMES, ids=lambda name: name.path)
def test_without_a_name(name: PrivateName, how: str, server: Server, whole: Told) -> None:
    told, code = server.ask(name.path, how)
    if name.off == VITAL:
        assert code == 2
        assert "\n" not in told["refused"]
        for part in (str(torch.__version__), f"torch.{name.path}", TORCH):
            assert part in told["refused"]
        return
    assert code == 0
    assert same_run(told, whole) or name.path == "autograd.Function.apply"
    inherited = name.path == "autograd.Function.apply" and how == "missing"
    expected = [name.off] if name.off and not inherited else []
    assert [text.partition(": ")[2] for text in told["notices"]] == expected
    what, left = LESS.get(name.path, ("proofs", whole["proofs"]))
    assert told[what] == left


def test_a_custom_function_whose_call_is_not_seen_brings_no_proof(server: Server) -> None:
    seen, _ = server.ask("autograd.Function.apply", "missing")
    unseen, _ = server.ask("autograd.Function.apply", "changed")
    assert (seen["problems"], len(unseen["problems"])) == ([], 2)
    assert "Square" in unseen["problems"][0]
    assert same_run(unseen, seen)


def test_without_what_compiles_there_is_a_notice(server: Server, whole: Told) -> None:
    told, code = server.ask(COMPILED, "changed")
    assert code == 0
    assert same_run(told, whole)
    assert [text.partition(": ")[2] for text in told["notices"]] == [
        "setting compiled models apart: they run uncompiled"
    ]


def test_a_device_that_cannot_be_chosen_is_refused(server: Server) -> None:
    told, code = server.ask("utils._device:DeviceContext", "missing", "cpu")
    assert code == 2
    assert "--device cpu" in told["refused"]


def sources() -> dict[str, ast.Module]:
    return {str(path.relative_to(PROGRAM)): ast.parse(path.read_text()) for path in sorted(PROGRAM.rglob("*.py"))}


def is_of_torch(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "torch"


def own_names(tree: ast.Module) -> set[str]:
    """Private names that a module gives itself."""
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    attributes = [
        node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    return own | {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def private_uses(tree: ast.Module) -> Iterator[str]:
    """Private names of others that are written in a module, and private modules of torch that it imports."""
    own = own_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            if node.attr not in own | NOT_TORCH and (is_of_torch(node) or node.attr not in ATTRIBUTES):
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torch"):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from [f"{node.module}: {name}" for name in names if name.startswith("_")]


def test_private_names_of_torch_stand_in_one_module() -> None:
    found = {file: list(private_uses(tree)) for file, tree in sources().items() if file != "tensors/private.py"}
    assert {file: uses for file, uses in found.items() if uses} == {}


def test_every_attribute_that_is_listed_is_read_and_is_there() -> None:
    used = {node.attr for tree in sources().values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert ATTRIBUTES.keys() <= used
    tensor = torch.zeros((), requires_grad=True).view(1)
    owners: tuple[Any, ...] = (tensor, tensor.grad_fn, torch.nn.Linear(1, 1))
    assert all(any(hasattr(owner, name) for owner in owners) for name in ATTRIBUTES)
