"""Weights that are copied from a model onto itself."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from gradstep.model.clue import Clue
from gradstep.program.clues.book import ClueBook
from gradstep.program.host.frames import here
from gradstep.program.host.guard import Guard
from gradstep.program.tensors.quiet import quiet


def watch_loading(guard: Guard, name_of: Callable[[nn.Module], str], book: ClueBook) -> None:
    """Follow `load_state_dict`: given what the module itself has, it changes nothing."""
    owner: Any = nn.Module
    load = owner.load_state_dict

    @functools.wraps(load)
    def load_seen(self: nn.Module, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
        with guard, quiet():
            if _is_own(self, state_dict):
                where = here(sys._getframe(1))
                book.add(Clue("target-not-synced", of=name_of(self), by=type(self).__name__, place=where))
        return load(self, state_dict, *args, **kwargs)

    owner.load_state_dict = load_seen


def _is_own(module: nn.Module, state: Any) -> bool:
    """Whether all parameters that are to be loaded are the module's own memory."""
    given = {key: item for key, item in state.items() if isinstance(item, Tensor)} if isinstance(state, dict) else {}
    pairs = [(item, given[name]) for name, item in module.named_parameters() if name in given]
    return bool(pairs) and all(one.data_ptr() and one.data_ptr() == two.data_ptr() for one, two in pairs)
