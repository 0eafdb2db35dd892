"""Proofs: why a loss rose, by running the pass before the update again with other weights, and this one too."""

from __future__ import annotations

from collections.abc import Generator

import torch
from msgspec.structs import replace

from gradstep.findings.thresholds import CLEAR_RISE
from gradstep.model.message import Statistics
from gradstep.model.proof import Proof
from gradstep.model.stop import Loss, Stop, Update
from gradstep.program.graph.graphs import data_of
from gradstep.program.graph.losses import Root
from gradstep.program.host.blackout import Blackout
from gradstep.program.host.talk import Talk
from gradstep.program.leaves.leaves import Leaf, Leaves, same_bits
from gradstep.program.receipt.fresh import OWN, Changes, Kinds
from gradstep.program.replay.along import lowest, points_along
from gradstep.program.replay.blame import MadeOf, Moves, blamed, guessed
from gradstep.program.replay.kept import Pass, Weighing, Weights, keep, unreached
from gradstep.program.replay.run import Lost
from gradstep.program.replay.runs import FAILS, Reruns, check, failed
from gradstep.program.tape.calls import Calls
from gradstep.program.tensors.allowance import Allowance
from gradstep.program.tensors.quiet import quiet, quietly

SITES = 3
"""Losses of which the latest pass is kept."""

PROVEN, UNUSUAL = 3, 2.0
"""Where nobody looks: rises of one loss that were explained by the data, from which on only one so much larger than the
largest of these is proven. Each proof runs the forward pass several times."""

AGREES = 1e-6
"""The loss of the old pass run with the new weights may differ by this, relatively, from the program's own on the same
data: sums of another order. In half precision a thousand times that."""

Making = Generator[None, None, Proof]


class Prover:
    """Keeps what proofs need, only while somebody looks, and makes them while the program waits."""

    def __init__(
        self, talk: Talk, calls: Calls, leaves: Leaves, changes: Changes, blackout: Blackout, allowance: Allowance
    ) -> None:
        self._talk = talk
        self._brief = talk.launch.detail == "findings"
        """A proof that could not make an overshoot of a rise on other data is not made."""
        self._on_screen = talk.launch.detail == "screen"
        self._explained: dict[str, tuple[int, float]] = {}
        """By site, how many rises the data have explained, and the largest of them."""
        self._calls = calls
        self._leaves = leaves
        self._changes = changes
        self._blackout = blackout
        self._weighing = Weighing(allowance)
        self._passes: dict[str, Pass] = {}
        self._losses: dict[str, tuple[int, Loss, int]] = {}
        self._updates = 0
        self.moved = False
        """The weights have moved since the latest forward stop."""
        self._update = Update()
        self._stale = False
        self._waiting: tuple[Pass, Pass, Root] | None = None
        self._unproven: Proof | None = None
        self.latest: tuple[Pass, Root] | None = None
        """The pass at whose forward stop (or after it) the program is, and its root."""

    @property
    def waits(self) -> bool:
        """Whether there is a pass of which a proof may be made once its loss has risen."""
        return bool(self._passes)

    def runs(self) -> Reruns:
        """What runs passes again, with its count at zero."""
        return Reruns(self._leaves, self._blackout)

    def at_forward(self, root: Root, loss: Loss, full: bool) -> None:
        """A forward pass has ended; `full`: somebody looks at it."""
        index, self.moved = self._talk.index, False
        before = self._losses.get(loss.site)
        self._losses[loss.site] = (index, loss, self._updates)
        self._drop()
        if not full:
            self.forget()
            return
        with quiet():
            new = keep(root, loss, index, self._updates, self._calls, self._leaves)
            old = self._passes.pop(loss.site, None)
            self._weigh(new)
        self._passes[loss.site] = new
        for site in list(self._passes)[:-SITES]:
            self._weighing.give(self._passes.pop(site).weights)
        self.latest = (new, root)
        rose = before is not None and before[2] < self._updates and loss.worse_than(before[1], self._update.maximize)
        if before is not None and rose and old is not None and self._is_asked(before[1], loss):
            self._waiting = (old, new, root)
        else:
            if before is not None and rose and old is None:
                why = f"the program ran freely past stop {before[0]}, so nothing was kept of it"
                self._unproven = Proof(before[0], why)
            if old is not None:
                self._weighing.give(old.weights)

    def _is_asked(self, old: Loss, new: Loss) -> bool:
        """Whether that rise is to be proven. Where nobody looks, an ordinary one on other data is no more, after a few.

        Ordinary is a rise that is not much larger than those which the data turned out to explain.
        """
        if self._on_screen or old.data == new.data:
            return True
        rise = abs((new.value or 0.0) - (old.value or 0.0))
        if self._brief and rise <= CLEAR_RISE * abs(old.value or 0.0):
            return False
        known, largest = self._explained.get(new.site, (0, 0.0))
        return known < PROVEN or rise > UNUSUAL * largest

    def at_update(self, update: Update, moved: list[Leaf]) -> None:
        """Leaves have moved."""
        self._updates += 1
        self.moved = True
        self._update, self._stale = update, any(leaf.stale for leaf in moved)
        self._drop()

    def forget(self) -> None:
        """The program runs through: keep nothing, and give the memory back."""
        self._passes.clear()
        self._weighing.forget()
        self.latest = self._waiting = self._unproven = None

    def rest(self, stop: Stop) -> Generator[Statistics | None, None, None]:
        """The proof, if the loss rose; a forward pass between two pieces."""
        if stop.phase != "forward" or not stop.whole:
            return
        if self._unproven is not None:
            yield Statistics(stop.index, proof=self._unproven)
        if self._waiting is None:
            return
        proof: Proof = yield from quietly(self._prove(*self._waiting))
        yield Statistics(stop.index, proof=proof)

    def _drop(self) -> None:
        """What was to be proven at the last stop is not needed any more."""
        if self._waiting is not None:
            self._weighing.give(self._waiting[0].weights)
        self._waiting = self._unproven = self.latest = None

    def _weigh(self, new: Pass) -> None:
        if new.chain is None:
            return
        try:
            new.weights = self._weighing.take(self._leaves if new.chain.opaque else new.chain.leaves)
        except Lost as lost:
            new.problem = str(lost)

    def _prove(self, old: Pass, new: Pass, root: Root) -> Making:
        proof = Proof(old.index)
        problem = old.problem or new.problem
        if problem:
            return replace(proof, problem=problem)
        try:
            return (yield from self._proven(proof, old, new, root))
        except (Lost, *FAILS) as error:
            return replace(proof, problem=failed(error))

    def _proven(self, proof: Proof, old: Pass, new: Pass, root: Root) -> Making:
        assert new.chain is not None
        missing = unreached(root.tensors, new.chain, self._leaves.find)
        if missing:
            raise Lost(f"no call that was seen reads {missing}")
        runs = self.runs()
        step: Moves = {key: (old.weights[key], new.weights[key]) for key in old.weights if _moved(old, new, key)}
        if self._brief and old.loss.data != new.loss.data:
            yield from self._look(old, new, step, runs)
        for which in (new, old):
            yield from check(which, runs)
        before, now = old.loss.value or 0.0, new.loss.value or 0.0
        after = runs.loss(old, _at(old, new, step, 1.0))
        yield
        old_on_new = None
        if old.loss.data != new.loss.data:
            old_on_new = runs.loss(new, _at(new, new, step, 0.0))
            yield
        elif abs(after - now) > _tolerance(new.dtype) * max(abs(after), abs(now)):
            raise Lost(
                f"with the new weights it gives {after:.6g} where the program got {now:.6g}: the loss depends on the "
                "weights in a way that autograd does not see"
            )
        held = any(call.detached for call in (*old.chain.calls, *new.chain.calls)) if old.chain is not None else False
        proof = replace(proof, before=before, after=after, old_on_new=old_on_new, detached=held)
        if not replace(old.loss, value=after).worse_than(old.loss, self._update.maximize):
            self._explain(old.loss, new.loss)
            same = data_of(old.ops, 0) == data_of(new.ops, 0)
            return replace(proof, cause="noise" if same else "data", runs=runs.count)
        return (yield from self._along(proof, old, new, step, runs))

    def _explain(self, old: Loss, new: Loss) -> None:
        """The data have explained that rise."""
        known, largest = self._explained.get(new.site, (0, 0.0))
        self._explained[new.site] = known + 1, max(largest, abs((new.value or 0.0) - (old.value or 0.0)))

    def _look(self, old: Pass, new: Pass, step: Moves, runs: Reruns) -> Generator[None, None, None]:
        """Raises Lost where the old pass with the new weights has a loss that no overshoot has."""
        before, after = old.loss.value or 0.0, runs.loss(old, _at(old, new, step, 1.0))
        yield
        if abs(after - before) <= CLEAR_RISE * abs(before):
            self._explain(old.loss, new.loss)
            raise Lost("the loss of the old data rose by little, if at all")

    def _along(self, proof: Proof, old: Pass, new: Pass, step: Moves, runs: Reruns) -> Making:
        """The loss rose on the old data too: where along the step?"""
        sign = -1.0 if self._update.maximize else 1.0
        whole = yield from points_along(
            lambda part: runs.loss(old, _at(old, new, step, part)), {0.0: proof.before, 1.0: proof.after}, sign
        )
        best = lowest(whole, sign)
        made = MadeOf(self._changes, list(self._leaves), step)
        kinds = yield from made.kinds()
        alone: dict[float, float] = {}
        if kinds - OWN:
            fresh = made.part(OWN)
            alone = yield from points_along(
                lambda part: runs.loss(old, _towards(old, fresh, part)), {0.0: proof.before}, sign
            )
        rate = self._update.lr if new.updates == old.updates + 1 else None
        rate = self._changes.rate() if rate is None else rate
        stable = None if best is None or not best or rate is None else float(f"{2 * best * rate:.4g}")
        proof = replace(proof, along=tuple(whole.items()), fresh=tuple(alone.items()), lowest=best, stable_rate=stable)
        if not kinds:
            return replace(proof, cause=guessed(best, self._stale, self._update), runs=runs.count)

        def worse(kinds: Kinds) -> bool:
            value = alone[1.0] if kinds == OWN else runs.loss(old, _towards(old, made.part(kinds), 1.0))
            return replace(old.loss, value=value).worse_than(old.loss, self._update.maximize)

        cause = yield from blamed(kinds, worse)
        return replace(proof, cause=cause, runs=runs.count)


def _moved(old: Pass, new: Pass, key: int) -> bool:
    return key in new.weights and not same_bits(old.weights[key], new.weights[key])


def _tolerance(dtype: torch.dtype) -> float:
    return AGREES * (1000.0 if dtype.itemsize < 4 else 1.0)


def _at(base: Pass, new: Pass, step: Moves, part: float) -> Weights:
    """The weights of `base`, with those that moved at a fraction of the step; exact at its ends."""
    if part == 1.0:
        return {**base.weights, **{key: after for key, (_, after) in step.items()}}
    if part == 0.0:
        return {**base.weights, **{key: before for key, (before, _) in step.items()}}
    return {**base.weights, **{key: before + part * (after - before) for key, (before, after) in step.items()}}


def _towards(base: Pass, step: Weights, part: float) -> Weights:
    return {**base.weights, **{key: base.weights[key] + part * change for key, change in step.items()}}
