"""Leaves that are to be trained and are not: no gradient ever reaches them, or no optimizer has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from gradstep.findings.reading import at_line, fresh_gradient, listed
from gradstep.findings.thresholds import MISSED_AT_END, MISSED_IN_TURNS, MISSED_RUNNING
from gradstep.model.clue import Clue
from gradstep.model.evidence import LeafFacts
from gradstep.model.graph import Graph
from gradstep.model.stop import Finding, Severity, Stop
from gradstep.model.tensor import length

KIND = "gradient-never-reached"
_STEPS = frozenset("round floor ceil trunc sign heaviside fix round_ floor_ ceil_ sign_".split())
"""Ops that are constant but for jumps: their derivative is 0 wherever it exists."""

_UNNAMED = re.compile(r"leaf_\d+$")
"""A leaf for which neither a variable nor a module in sight has a name."""

_NO_GRAPH = "does not require grad and does not have a grad_fn"
"""What PyTorch says of a loss that no leaf leads to."""


def gradient_never_reached(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at update stops, at a backward stop that an op without a slope has blocked, and at the end of a run."""
    stop = stops[-1]
    if stop.phase == "update" and stop.facts:
        return _unreached(stop, MISSED_RUNNING) or _unowned(stop)
    if stop.phase == "backward" and not stop.light:
        return _blocked(stop)
    if stop.phase == "end":
        if stop.fault is not None and _NO_GRAPH in stop.fault.message:
            return [_without_graph(stop)]
        last = next((item for item in reversed(stops) if item.phase == "update"), None)
        if last is not None and stop.fault is None and stop.facts:
            return _unreached(replace(stop, update=last.update), MISSED_AT_END)
    return []


def _unreached(stop: Stop, needed: int) -> list[Finding]:
    """Leaves of the optimizer (by hand: of the same model) without a gradient at all updates so far."""
    number = stop.update.number if stop.update is not None else -1
    facts = stop.facts
    if number >= 0:
        missing = _missing(facts, number, needed)
    else:
        moved = {name for name in (stop.update.leaves if stop.update is not None else ()) if facts.get(name)}
        often = max((facts[name].updates for name in moved if facts[name].owner < 0 and facts[name].passes), default=0)
        homes = {home(name) for name in moved if facts[name].parameter}
        missing = [name for name, fact in facts.items() if _is_left_out(name, fact, homes, often >= needed)]
    missing = [name for name in missing if name not in stop.gradients or stop.gradients[name].returned is None]
    if not missing:
        return []
    own = [name for name in missing if not _is_spare(facts[name].library, facts)]
    if not own:
        return [_spare(missing, stop)]
    missing = own
    fact = facts[missing[0]]
    count = fact.missed if number >= 0 else needed
    message = f"No backward pass has ever reached {listed(missing)}, while the rest of the model is trained."
    if stop.update is not None and number >= 0:
        updates = f"{count} updates of {stop.update.optimizer}"
        message = f"No backward pass has reached {listed(missing)} in any of {updates}."
    if fact.read.line:
        message += f" {at_line(fact.read, '', '').capitalize()} reads {missing[0]}, but what is made there does not "
        message += "reach the loss."
        remedy = "Look for .detach(), .data, .item(), .numpy() or torch.tensor(...) between that line and the loss."
    else:
        message += f" No op of the forward pass reads {missing[0]} where gradients are recorded."
        remedy = (
            "Use it in the forward pass outside of torch.no_grad(), or give the optimizer the parameters that the "
            "model has now; freeze what is not to be trained with requires_grad_(False)."
        )
    evidence: dict[str, float | int | str] = {"leaves": len(missing), "first": missing[0], "updates": count}
    if fact.read.line:
        evidence["line"] = fact.read.line
    return [Finding(KIND, "warning", message, remedy, evidence)]


def _is_spare(library: str, facts: Mapping[str, LeafFacts]) -> bool:
    """Whether a library's model trains, but for parts whose results it does not hand on, or nobody asks for."""
    return bool(library) and any(fact.passes and name.startswith(f"{library}.") for name, fact in facts.items())


def _spare(names: Sequence[str], stop: Stop) -> Finding:
    """Of a library's model the loss needs a part only: a pooler, a second head."""
    message = (
        f"The loss does not depend on {listed(names)}, which the library's model {stop.facts[names[0]].library} has."
    )
    remedy = "Where it is not to be trained, leave it out of the model, or freeze it with requires_grad_(False)."
    return Finding(KIND, "info", message, remedy, {"leaves": len(names), "first": names[0]})


def _missing(facts: Mapping[str, LeafFacts], number: int, needed: int) -> list[str]:
    """An optimizer's leaves without a gradient; those that no op reads, beside trained ones, after longer."""
    own = {name: fact for name, fact in facts.items() if fact.owner == number}
    trained = needed == MISSED_RUNNING and any(fact.passes for fact in own.values())
    unread = MISSED_IN_TURNS if trained else needed
    return [name for name, fact in own.items() if _misses(fact) >= (needed if fact.read.line else unread)]


def _misses(fact: LeafFacts) -> int:
    """At how many updates a leaf has had no gradient, if it never had one."""
    return fact.missed if not fact.passes and fact.missed == fact.updates else 0


def _is_left_out(name: str, fact: LeafFacts, homes: set[str], trained: bool) -> bool:
    if fact.owner >= 0 or fact.passes or fact.updates or not trained:
        return False
    return fact.parameter and home(name) in homes


def _unowned(stop: Stop) -> list[Finding]:
    """Leaves with gradients that no optimizer has, of a model whose other leaves this one trains."""
    update, facts = stop.update, stop.facts
    if update is None or update.number < 0:
        return []
    trained = [name for name, fact in facts.items() if fact.owner == update.number and fact.updates >= MISSED_RUNNING]
    trained = [name for name in trained if not _UNNAMED.match(name)] or trained
    homes = {home(name) for name in trained if facts[name].module}
    free = {name: fact for name, fact in facts.items() if _is_free(fact) or _is_plain(name, fact, homes)}
    left = [name for name, fact in free.items() if (fact.module or "." in name) and home(name) in homes]
    hidden = [name for name in free if homes and _UNNAMED.match(name)]
    if not left and not hidden:
        return _untrained(stop, list(free), trained) if trained else []
    message = (
        f"{listed(left or hidden)}{'' if left else _readers(stop, hidden)}: there are gradients, but no optimizer has "
        f"them, while {update.optimizer} trains {listed(trained)}{' of the same model' if left else ''}."
    )
    remedy = "Give it to the optimizer (made after all layers are there), or freeze it with requires_grad_(False)."
    if not left or "[" in left[0]:
        remedy = "A model finds its layers where they are attributes or in nn.ModuleList, not in a list or a dict."
    elif not facts[left[0]].parameter:
        remedy = "A model finds its tensors where they are an nn.Parameter: wrap it, before the optimizer is made."
    left = left or hidden
    evidence: dict[str, float | int | str] = {"leaves": len(left), "first": left[0], "passes": facts[left[0]].passes}
    return [Finding(KIND, "warning", message, remedy, evidence)]


def _untrained(stop: Stop, free: list[str], trained: list[str]) -> list[Finding]:
    """A model that gets gradients and that no optimizer has: if it is meant so, backward works for nothing.

    It may be meant where it judges what the trained model makes (a perceptual loss), hardly where it feeds that model.
    """
    named = [name for name in free if not _UNNAMED.match(name)]
    if not named or stop.update is None:
        return []
    optimizer = stop.update.optimizer
    evidence: dict[str, float | int | str] = {"leaves": len(named), "first": named[0]}
    idle = all(_misses_now(stop.facts[name]) for name in trained)
    if idle:
        message = (
            f"{listed(named)}: there are gradients, but no optimizer has them, and {optimizer} has other parameters, "
            "which none of its last updates had a gradient for."
        )
        remedy = "Make the optimizer anew whenever the model is: it holds the parameters that it was given."
    else:
        message = (
            f"{listed(named)}: there are gradients, but no optimizer has them; {optimizer} trains {listed(trained)}."
        )
        remedy = "To train it give it to the optimizer; else freeze it with requires_grad_(False): that saves the work."
    doubled = stop.update.doubled
    if doubled:
        message += f" {doubled} of its parameters it was given twice."
        remedy = "Give each model's parameters once: one list was very likely meant to be the other model's."
    severity: Severity = "warning" if idle or doubled or _feed(stop.graph, set(named), set(trained)) else "info"
    return [Finding(KIND, severity, message, remedy, evidence)]


def _misses_now(fact: LeafFacts) -> bool:
    """Whether the last updates of its optimizer found no gradient of that leaf."""
    return fact.missed >= MISSED_RUNNING


def _feed(graph: Graph, names: set[str], trained: set[str]) -> bool:
    """Whether an op reads a trained leaf and something that leaves of those names have made: it is its input."""
    own = {node.id for node in graph.nodes if node.kind == "leaf" and node.name in names}
    weights = {node.id for node in graph.nodes if node.kind == "leaf" and node.name in trained}
    readers = {to for source, to in graph.edges if source in weights}
    made: set[int] = set()
    for source, to in sorted(graph.edges, key=lambda edge: edge[1]):
        if source in own or source in made:
            made.add(to)
    return any(to in readers and source in made for source, to in graph.edges)


def _is_plain(name: str, fact: LeafFacts, homes: set[str]) -> bool:
    """The same of a plain tensor that a trained model holds as an attribute."""
    return "." in name and home(name) in homes and not fact.parameter and _is_free(replace(fact, parameter=True))


def _is_free(fact: LeafFacts) -> bool:
    """Whether it is a parameter that gets gradients and is in no optimizer, and was not changed by hand either."""
    return fact.parameter and fact.owner < 0 and not fact.updates and not fact.given and fact.passes >= MISSED_RUNNING


def _readers(stop: Stop, names: Sequence[str]) -> str:
    """` (read at line 9)`: where leaves stand that the program has no name for."""
    nodes = stop.graph.nodes
    lines = sorted({nodes[to].line for at, to in stop.graph.edges if nodes[at].name in names and nodes[to].line})
    return f" (read at line {', '.join(map(str, lines[:3]))})" if lines else ""


def _blocked(stop: Stop) -> list[Finding]:
    """Every gradient is exactly 0, and an op without a slope stands in the graph."""
    views = [view for entry in stop.gradients.values() if (view := fresh_gradient(entry)) is not None]
    if not views or any(length(view) != 0 for view in views) or stop.loss is None or not stop.loss.value:
        return []
    op = next((node for node in stop.graph.nodes if node.op in _STEPS), None)
    if op is None:
        return []
    where = f" at line {op.line}" if op.line else ""
    message = f"Every gradient is exactly 0: {op.op}{where} is constant but for jumps, so that nothing passes back."
    remedy = "Leave it out of the path to the loss, or let the gradient by: x + (op(x) - x).detach()."
    return [Finding(KIND, "warning", message, remedy, {"leaves": len(views), "op": op.op, "line": op.line})]


def _without_graph(stop: Stop) -> Finding:
    clue = next(iter(stop.clues_of(KIND)), None)
    called = f"backward(){at_line(stop.place)} was called on {clue.of if clue is not None else 'a tensor'}"
    evidence: dict[str, float | int | str] = {"line": stop.place.line}
    if clue is None or clue.what not in _CUTS:
        message = f"{called}, to which no weight leads: its graph was cut."
        remedy = (
            "Look for .detach(), .data, .item(), .numpy(), torch.tensor(...), argmax or torch.no_grad() between the "
            "weights and the loss; or for weights that are frozen (requires_grad=False)."
        )
        return Finding(KIND, "error", message, remedy, evidence)
    evidence |= {"cut": clue.made.line, "by": clue.by}
    return Finding(KIND, "error", f"{called}. {_CUTS[clue.what](clue)}", _remedy(clue), evidence)


def _cut_by_call(clue: Clue) -> str:
    of = f" of {clue.other}" if clue.other and len(clue.other) <= 30 else ""
    return f"{at_line(clue.made, '', '').capitalize()} cuts it off from the weights: {clue.by}{of} has no gradient."


def _cut_by_mode(clue: Clue) -> str:
    return f"{at_line(clue.made, '', '').capitalize()} cuts it off from the weights: {clue.by} records no graph."


def _cut_by_freezing(clue: Clue) -> str:
    return f"Every parameter of {clue.by}{at_line(clue.made)} is frozen (requires_grad=False)."


def _switched_off(_: Clue) -> str:
    return "Gradients are switched off: torch.set_grad_enabled(False) was called and not undone."


_CUTS: dict[str, Callable[[Clue], str]] = {
    "call": _cut_by_call,
    "no_grad": _cut_by_mode,
    "frozen": _cut_by_freezing,
    "off": _switched_off,
}
"""Ways in which a graph is cut."""


def _remedy(clue: Clue) -> str:
    """What to write instead."""
    by = clue.by.strip(".()").rpartition(".")[2]
    if clue.what == "frozen":
        return "Unfreeze what is to be trained: requires_grad_(True), or train a part of the model that is not frozen."
    if clue.what == "off":
        return "Use it as a block, with torch.set_grad_enabled(False):, or call torch.set_grad_enabled(True) to train."
    if clue.what == "no_grad":
        return "Take what the loss is made of out of it; it is for evaluation and for updates by hand."
    if by in ("argmax", "argmin", "argsort", "max", "indices", "comparison", "[1]") or "[1]" in clue.by:
        return "Use the scores themselves in the loss (cross_entropy), or softmax in the place of the hard choice."
    if by in ("numpy", "array", "asarray", "from_numpy") or clue.by.startswith(("np.", "numpy.")):
        return "Do that step with torch functions: what goes through numpy has no gradient."
    if by in ("tensor", "Tensor", "FloatTensor"):
        return "Do not make a new tensor of it: use it as it is, or torch.stack([...]) for a list of tensors."
    if by in ("item", "tolist", "float", "int"):
        return "Keep the tensor in the loss; make a number of it only to print it."
    return f"Leave {clue.by} out of the path from the weights to the loss."


def home(name: str) -> str:
    """The model that a parameter is of, as the program calls it: `model` of `model.fc1.weight`."""
    return name.partition(".")[0]
