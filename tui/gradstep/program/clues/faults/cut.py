"""Where the graph was cut between the weights and a loss that backward() cannot begin at."""

from __future__ import annotations

import ast

from gradstep.model.clue import Clue
from gradstep.program.clues.faults.chain import Chain, Cut, Scope
from gradstep.program.clues.faults.failure import Failure
from gradstep.program.clues.faults.source import node_at, tree_of
from gradstep.program.clues.faults.witness import Witness
from gradstep.program.host.frames import place_in

_NO_GRAPH = "does not require grad and does not have a grad_fn"


def cut_graph(witness: Witness, grad: bool) -> list[Clue]:
    """Backward was called on a tensor that no weight leads to; `grad`: gradients are recorded when it ends."""
    failure = witness.failure
    if _NO_GRAPH not in failure.text or not failure.user:
        return []
    root = failure.roots[0] if failure.roots else None
    name = witness.scope.name_of(root) or "the loss"
    if not grad:
        return [Clue("gradient-never-reached", "off", name, place=failure.place)]
    found = _search(failure)
    if found is None:
        return [Clue("gradient-never-reached", "cut", name, place=failure.place)]
    where = place_in(found.file, found.line, "")
    made = (failure.place, where)
    return [Clue("gradient-never-reached", found.what, name, found.by, found.of, *made)]


def _search(failure: Failure) -> Cut | None:
    frame, instruction, line = failure.user[0]
    call = node_at(frame.f_code, instruction)
    if not isinstance(call, ast.Call):
        return None
    given: ast.expr | None = call.args[0] if call.args else None
    if isinstance(call.func, ast.Attribute) and call.func.attr == "backward" and not _is_function(call.func):
        given = call.func.value
    body = tree_of(frame.f_code)
    if given is None or body is None:
        return None
    values = frame.f_globals if frame.f_locals is frame.f_globals else frame.f_globals | dict(frame.f_locals)
    scope = Scope(body, frame.f_code.co_filename, line, values, alive=True)
    return Chain().follow(given, scope).cut


def _is_function(node: ast.Attribute) -> bool:
    """`torch.autograd.backward(loss)`."""
    return isinstance(node.value, ast.Attribute) and node.value.attr == "autograd"
