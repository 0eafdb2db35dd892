"""Torch's own warnings, with the user's line; and reads of `.grad` where none will ever be, warned of or not."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from types import CodeType, FrameType

from torch import Tensor

from gradstep.model.clue import Clue
from gradstep.model.graph import plain
from gradstep.model.operand import Operand
from gradstep.program.clues.book import ClueBook
from gradstep.program.clues.forward_pass import place_of
from gradstep.program.host.frames import here, is_ours, is_torch_or_ours, is_user_file, user_frame
from gradstep.program.leaves.leaves import Leaf
from gradstep.program.leaves.names import variable_in
from gradstep.program.tape.tape import Tape
from gradstep.program.tensors.quiet import quiet

_NON_LEAF = "The .grad attribute of a Tensor that is not a leaf"
_INTERNAL = "(Triggered internally at"
"""Stands at the end of every warning of torch's C++ code."""
_SENTENCE = re.compile(r"(.+?[^.\d])\.(?:\s|$)", re.DOTALL)
_MOST = 256
"""Texts that are told, of a program that makes ever new ones."""


class TorchWarnings:
    """Of one run: each text once, each line that reads `.grad` once."""

    def __init__(self, tape: Tape, watching: Callable[[], bool], book: ClueBook) -> None:
        """`watching`: whether it is the program that runs, and not our own reading."""
        self._tape = tape
        self._watching = watching
        self._book = book
        self._told: set[str] = set()
        self._read: set[tuple[CodeType, int]] = set()

    def warned(self, message: warnings.WarningMessage, frame: FrameType) -> None:
        """A warning is about to be shown. `frame`: who has raised it."""
        if not self._watching():
            return
        with quiet():
            text = str(message.message) if type(message.message).__module__ == "builtins" else ""
            if not text or text.startswith(_NON_LEAF) or not _is_of_torch(text, frame):
                return
            user = user_frame(frame)
            said = first_sentence(text)
            if user is None or not is_user_file(user.f_code.co_filename) or said in self._told:
                return
            if len(self._told) < _MOST:
                self._told.add(said)
                self._book.add(Clue("torch-warning", of=said, by=message.category.__name__, place=here(frame)))

    def grad_read(self, tensor: Tensor, frame: FrameType) -> None:
        """The program reads `.grad`, on a line of its own."""
        key = frame.f_code, frame.f_lasti
        if key in self._read or not is_user_file(frame.f_code.co_filename):
            return
        if not tensor.requires_grad or tensor.is_leaf or tensor.retains_grad or len(self._read) >= _MOST:
            return
        self._read.add(key)
        with quiet():
            op = self._tape.root(tensor)
            ops = self._tape.feeding([op]) if op is not None else []
            leaves = [item for one in reversed(ops) for item in one.inputs if isinstance(item, Leaf)]
            name = variable_in(frame, tensor)
            behind = tuple(Operand(leaf.name, shape=tuple(leaf.shape), leaf=True) for leaf in dict.fromkeys(leaves))
            by = plain(op.name) if op is not None else ""
            where, made = here(frame), place_of(op)
        self._book.add(Clue("grad-of-non-leaf", of=name, by=by, place=where, made=made, operands=behind[:3]))


def _is_of_torch(text: str, frame: FrameType) -> bool:
    """Whether a warning was raised in torch's Python files or by its C++ code."""
    return _INTERNAL in text or is_ours(frame) or is_torch_or_ours(frame.f_code.co_filename)


def first_sentence(text: str) -> str:
    """The first one, without what is said of torch's own files."""
    plain_text = " ".join(text.partition(_INTERNAL)[0].split())
    found = _SENTENCE.match(plain_text)
    return found[1] if found is not None else plain_text.rstrip(".")
