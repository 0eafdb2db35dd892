"""What only a library holds has a name; whose a module is; what is frozen is no leaf."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
import torch
from gradstep.findings.gradient_never_reached import gradient_never_reached
from gradstep.model.evidence import LeafFacts
from gradstep.model.place import Place
from gradstep.model.stop import Stop, Update
from gradstep.program.leaves.held_modules import HeldModules
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.leaves.module_names import libraries_of, library_of
from torch import nn


class Callback:
    """As a trainer has them."""

    def __init__(self, held: Any) -> None:
        self._average = held


def test_a_module_in_a_private_place_has_the_name_of_its_class() -> None:
    trainer = Callback([Callback(nn.Linear(2, 1))])
    store = Callback({"alpha": torch.ones(2, requires_grad=True)})
    weight, alpha = trainer._average[0]._average.weight, store._average["alpha"]
    names = HeldModules(lambda: ()).names(sys._getframe(), {id(weight), id(alpha)})
    assert names == {id(weight): "Linear.weight", id(alpha): "alpha"}


def test_it_is_not_looked_for_again_and_again() -> None:
    held = HeldModules(lambda: ())
    trainer = Callback(Callback(nn.Linear(2, 1)))
    for _ in range(3):
        assert held.names(sys._getframe(), {0}) == {}
    assert held.names(sys._getframe(), {id(trainer._average._average.weight)}) == {}


def test_the_outermost_module_of_a_library_owns_a_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("some_library")
    library.__file__ = "/x/site-packages/some_library/__init__.py"
    monkeypatch.setitem(sys.modules, "some_library", library)
    encoder = type("Encoder", (nn.Sequential,), {"__module__": "some_library"})
    model = nn.Sequential(encoder(encoder(nn.Linear(2, 2))), nn.Linear(2, 1))
    own = type("Net", (nn.Sequential,), {})(model)
    libraries = libraries_of(own.named_modules(prefix="net"))
    assert libraries == {"net": False, "net.0.0": True, "net.0.0.0": True}
    assert library_of("net.0.0.0.0.weight", libraries) == "net.0.0"
    assert library_of("net.0.1.weight", libraries) == ""
    assert library_of("w", libraries) == ""


@pytest.mark.parametrize(
    ("library", "trained", "severity"),
    [("model.bert", True, "info"), ("", True, "warning"), ("model.bert", False, "warning")],
    ids=["a pooler that no loss asks for", "the program's own", "a library's model that is not trained at all"],
)
def test_what_a_librarys_model_makes_for_nothing_is_no_fault(library: str, trained: bool, severity: str) -> None:
    pooler = LeafFacts(owner=0, parameter=True, missed=3, updates=3, read=Place("a.py", 3), library=library)
    rest = LeafFacts(owner=0, parameter=True, passes=3, updates=3)
    facts = {"model.bert.pooler.weight": pooler, "model.bert.layer.weight" if trained else "model.head.weight": rest}
    (found,) = gradient_never_reached([Stop(phase="update", facts=facts, update=Update(number=0, optimizer="Adam"))])
    assert (found.kind, found.severity) == ("gradient-never-reached", severity)
    assert "model.bert.pooler.weight" in found.message


def test_a_frozen_parameter_is_no_leaf() -> None:
    weight = nn.Parameter(torch.ones(2))
    leaf = Leaf(weight)
    assert not leaf.frozen
    weight.requires_grad_(False)
    assert leaf.frozen
    leaf.passes = 1
    assert not leaf.frozen
