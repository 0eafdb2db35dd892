"""The chain rule's view of a program against what autograd gave."""

from __future__ import annotations

from gradstep.draw.chain import chain_lines
from gradstep.model.graph import MOST_FOLLOWED
from gradstep.model.moment import Moment
from running import Watched


def check_chain_rule(watched: Watched) -> None:
    """The gradient of every leaf is the sum of what its uses handed it, and the chain rule's view agrees."""
    for stop in watched.of("backward"):
        if not stop.graph.nodes or sum(node.kind == "op" for node in stop.graph.nodes) > MOST_FOLLOWED:
            continue
        leaves = {node.name: node for node in stop.graph.nodes if node.kind == "leaf"}
        for name, entry in stop.gradients.items():
            if entry.fresh is not None and (name in leaves or "checkpoint_reentrant" not in stop.place.file):
                assert leaves[name].unexplained == 0, (stop.index, name)
        for name in leaves:
            words = "\n".join(row.plain for row in chain_lines(Moment(stop), name, 100))
            assert words
            assert "apart" not in words, words
