"""All of autograd's nodes under some roots, as names and numbers; step by step, for there may be a hundred thousand."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TypeVar

from torch import Tensor
from torch.autograd.graph import Node

from gradstep.model.autograd import AutogradNode
from gradstep.program.tensors.nodes import node_of, short_name

MOST = 200_000
"""Of more nodes than this none is kept: a loss that hangs on all iterations before it."""
_AT_ONCE = 200
"""Nodes that are handled in one step."""

T = TypeVar("T")
WalkSteps = Generator[None, None, T]
NodePlace = tuple[int, int | None]
"""`box` and `seq` of an `AutogradNode`."""


@dataclass(frozen=True, slots=True)
class WalkedNode:
    """One node as it was met."""

    name: str
    box: int
    seq: int | None
    to: tuple[int, ...]
    """The nodes that it hands to, by the places in which they were met."""

    def placed(self, kind: int, place: Mapping[int, int]) -> AutogradNode:
        """The same in another order."""
        return AutogradNode(kind, self.box, self.seq, tuple([place[number] for number in self.to]))


def collect(roots: Sequence[Tensor], look: Callable[[Node], NodePlace]) -> WalkSteps[list[WalkedNode]]:
    """The nodes, those that run first in backward first; none if there are too many."""
    starts = [node_of(root) for root in roots if root.requires_grad]
    nodes = list(dict.fromkeys(starts))
    place = {node: at for at, node in enumerate(nodes)}
    found: list[WalkedNode] = []
    for node in nodes:
        to = []
        for above, _ in node.next_functions:
            if above is None:
                continue
            number = place.get(above)
            if number is None:
                number = place[above] = len(nodes)
                nodes.append(above)
            to.append(number)
        found.append(WalkedNode(short_name(node), *look(node), tuple(to)))
        if len(nodes) > MOST:
            return []
        if len(found) % _AT_ONCE == 0:
            yield
    return found


def in_order(found: Sequence[WalkedNode]) -> WalkSteps[list[int]]:
    """The nodes as they were made: each behind those that it hands to, leaves before their first use."""
    users: list[list[int]] = [[] for _ in found]
    waiting = [0] * len(found)
    for number, node in enumerate(found):
        for other in node.to:
            if found[other].seq is not None:
                users[other].append(number)
                waiting[number] += 1
    yield
    ready = [(node.seq, number) for number, node in enumerate(found) if node.seq is not None and not waiting[number]]
    heapify(ready)
    order: dict[int, None] = {}
    while ready:
        _, number = heappop(ready)
        order.update((other, None) for other in found[number].to if found[other].seq is None and other not in order)
        order[number] = None
        for user in users[number]:
            waiting[user] -= 1
            if not waiting[user]:
                heappush(ready, (found[user].seq or 0, user))
        if len(order) % _AT_ONCE == 0:
            yield
    order.update((number, None) for number in range(len(found)) if number not in order)
    return list(order)
