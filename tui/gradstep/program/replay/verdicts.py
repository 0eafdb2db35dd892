"""The checks on demand, of the first forward pass: while the program waits there."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping

from torch import Tensor

from gradstep.findings.reading import at_line, figure, whole
from gradstep.model.clue import Clue
from gradstep.model.message import Statistics
from gradstep.model.stop import Stop
from gradstep.model.verdict import Verdict
from gradstep.program.replay import samples
from gradstep.program.replay.kept import Pass
from gradstep.program.replay.overfit import one_batch
from gradstep.program.replay.prove import Prover
from gradstep.program.replay.run import CallResult, Lost
from gradstep.program.replay.runs import FAILS, Reruns, chain_of, check, failed
from gradstep.program.tape.call import RecordedCall
from gradstep.program.tape.calls import Calls
from gradstep.program.tape.ops import Op
from gradstep.program.tensors.nodes import nodes_above, variable_of
from gradstep.program.tensors.quiet import quietly

Making = Generator[None, None, Verdict]
_FAR = 3.0
"""So many times what one loses that knows nothing is a bad beginning."""


class Verdicts:
    """Asked once, at the first forward stop that is looked at."""

    def __init__(self, prover: Prover, calls: Calls, functions: Callable[[], Mapping[str, Clue | None]]) -> None:
        self._prover = prover
        self._calls = calls
        self._functions = functions
        self._done = False

    def rest(self, stop: Stop) -> Iterator[Statistics | None]:
        """The verdicts, one at a time."""
        latest = self._prover.latest
        if self._done or latest is None or stop.phase != "forward" or not stop.whole:
            return
        self._done = True
        which = latest[0]
        for name, make in (
            ("samples", self._samples),
            ("first loss", self._first_loss),
            ("one batch", self._one_batch),
        ):
            found: Verdict = yield from quietly(self._made(name, which, make))
            yield Statistics(stop.index, verdicts=(found,))
        functions = [_of_function(name, clue) for name, clue in self._functions().items()]
        yield Statistics(stop.index, verdicts=tuple(functions))

    def _made(self, name: str, which: Pass, make: Callable[[Pass, Reruns], Making]) -> Making:
        runs = self._prover.runs()
        try:
            if which.problem or which.chain is None:
                raise Lost(which.problem)
            yield from check(which, runs)
            return (yield from make(which, runs))
        except (Lost, *FAILS) as error:
            return Verdict(name, "not known", f"It cannot be told: {failed(error)}.")

    def _samples(self, which: Pass, runs: Reruns) -> Making:
        yield
        return samples.samples_apart(which, runs, self._makers(which))

    def _one_batch(self, which: Pass, runs: Reruns) -> Making:
        roots = self._prover.latest[1].tensors if self._prover.latest is not None else []
        known = {id(leaf.tensor) for leaf in chain_of(which).leaves}
        reached = (variable_of(node) for node in nodes_above(roots))
        if any(id(item) not in known for item in reached if item is not None):
            raise Lost("a compiled model or a custom function reads weights that are not among its arguments")
        return (yield from one_batch(which, runs))

    def _first_loss(self, which: Pass, runs: Reruns) -> Making:
        classes = _Classes()
        runs.roots(which, which.weights, note=classes.note)
        yield
        if classes.loss is None:
            return Verdict(
                "first loss", "not known", "Only of cross_entropy and its like is the usual first loss known."
            )
        op = self._makers(which).get(classes.number)
        where = at_line(op.place) if op is not None else ""
        usual = math.log(classes.count)
        text = (
            f"{classes.name}{where} is {figure(classes.loss)}; one that knows nothing of {classes.count} classes loses "
            f"ln {classes.count} = {figure(usual)}"
        )
        if classes.loss <= _FAR * usual:
            return Verdict("first loss", "as it should be", f"{text}.")
        remedy = "Begin the last layer smaller, and scale the inputs to about 1."
        return Verdict("first loss", "look here", f"{text}: it begins by being sure of wrong answers.", remedy)

    def _makers(self, which: Pass) -> dict[int, Op]:
        """The ops by the numbers of their calls."""
        known = ((self._calls.number_at(op.seq), op) for op in which.ops)
        return {number: op for number, op in known if number is not None}


class _Classes:
    """The first loss over classes of a pass, as its calls are made."""

    def __init__(self) -> None:
        self.name, self.number, self.count = "", -1, 0
        self.loss: float | None = None
        self._shapes: dict[int, tuple[int, ...]] = {}

    def note(self, call: RecordedCall, result: CallResult) -> None:
        """One is made."""
        if not isinstance(result, Tensor):
            return
        self._shapes[call.number] = tuple(result.shape)
        scores = self._shapes.get(call.sources[0], ()) if call.sources and isinstance(call.sources[0], int) else ()
        two = call.name == "binary_cross_entropy_with_logits"
        over_classes = two or call.name in ("cross_entropy", "nll_loss")
        if self.loss is not None or result.numel() != 1 or not scores or not over_classes:
            return
        if (call.kwargs or {}).get("reduction", "mean") == "mean":
            self.name, self.number, self.loss = call.name, call.number, float(result.detach())
            self.count = 2 if two else scores[min(1, len(scores) - 1)]


def _of_function(name: str, clue: Clue | None) -> Verdict:
    """What finite differences say of a custom Function's backward."""
    check = f"Function {name}"
    if clue is None:
        return Verdict(check, "as it should be", "Its backward agrees with finite differences of its forward.")
    told, expected = whole(clue.numbers["told"]), whole(clue.numbers["expected"])
    text = (
        f"Its backward{at_line(clue.place)} gives a slope of {told} along a direction in which finite differences of "
        f"its forward give {expected}."
    )
    return Verdict(check, "look here", text, "Write the derivative of what forward computes, times the gradient given.")
