"""An exception that ended the program: the torch call that raised it, as its traceback still knows it."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any

from torch import Tensor, nn

from gradstep.model.place import Place
from gradstep.program.host.frames import is_ours, is_torch_or_ours, is_user_file, place
from gradstep.program.tape.call import tensors_within

_FUNCTIONS = "torch/nn/functional.py"


class Call:
    """A torch call that has raised."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name = name
        self.args = args
        self.kwargs = kwargs
        self.tensors = list(tensors_within((*args, *kwargs.values())))

    @property
    def op(self) -> str:
        """As people say it: `matmul` of `__matmul__` and of `__rmatmul__`."""
        plain = self.name.strip("_")
        return plain[1:] if self.name.startswith(("__r", "__i")) and plain[1:] in _REFLECTED else plain

    def argument(self, position: int, name: str) -> Any:
        """One argument, given by position or by name; None if it was not given."""
        return self.args[position] if len(self.args) > position else self.kwargs.get(name)

    def tensor(self, position: int, name: str) -> Tensor | None:
        """The same, if it is a tensor."""
        found = self.argument(position, name)
        return found if isinstance(found, Tensor) else None


_REFLECTED = frozenset("add sub mul truediv div pow matmul floordiv mod".split())


class Failure:
    """The exception with its frames, before ours are taken out of its traceback."""

    def __init__(self, error: BaseException, recording: frozenset[CodeType], engine: CodeType | None) -> None:
        """`recording`: code of ours that has made the program's torch calls; `engine`: code that has run backward."""
        self.error = error
        self.text = str(error)
        self.frames = list(_frames(error.__traceback__))
        """Frames with the instruction and the line at which each is, the outermost first."""
        self.user = [entry for entry in reversed(self.frames) if is_user_file(entry[0].f_code.co_filename)]
        """The user's own, the innermost first."""
        self.roots: list[Tensor] | None = self._roots(engine)
        """What backward was called on, if autograd's engine has raised it."""
        self.call = None if self.roots is not None or self._is_raised_by_user() else self._call(recording)
        self.module = self._module()
        """The innermost module in whose forward it was raised."""

    @property
    def place(self) -> Place:
        """The user's line."""
        return place(self.user[0][0].f_code, self.user[0][2]) if self.user else Place()

    @property
    def direct(self) -> bool:
        """Whether the user's own line has made the call, not that of a module it has called."""
        below = self.frames[next((at for at, entry in enumerate(self.frames) if entry is self.user[0]), 0) + 1 :]
        return not any(issubclass(type(frame.f_locals.get("self")), nn.Module) for frame, *_ in below)

    def is_made_within(self, tensor: Tensor) -> bool:
        """Whether it is no argument of the module that the user's line has called, but was made in it."""
        at = next((at for at, entry in enumerate(self.frames) if entry is self.user[0]), 0) + 1
        given = next((frame.f_locals.get("args") for frame, *_ in self.frames[at:] if "args" in frame.f_locals), ())
        return not any(item is tensor for item in given or ())

    @property
    def frame(self) -> FrameType | None:
        """The innermost of the user's frames."""
        return self.user[0][0] if self.user else None

    def _is_raised_by_user(self) -> bool:
        """Whether the exception was raised by a statement, or by a library that is not torch."""
        if not self.frames:
            return True
        frame, instruction, _ = self.frames[-1]
        if is_torch_or_ours(frame.f_code.co_filename) or is_ours(frame):
            return False
        at = (one.opname for one in dis.get_instructions(frame.f_code) if one.offset == instruction)
        return not is_user_file(frame.f_code.co_filename) or next(at, "").startswith("RAISE")

    def _roots(self, engine: CodeType | None) -> list[Tensor] | None:
        """None where the program's own code was called from there, which has raised."""
        for frame, *_ in reversed(self.frames):
            if is_user_file(frame.f_code.co_filename):
                break
            if frame.f_code is engine:
                outputs = frame.f_locals.get("t_outputs")
                return [item for item in outputs if isinstance(item, Tensor)] if isinstance(outputs, tuple) else None
        return None

    def _call(self, recording: frozenset[CodeType]) -> Call | None:
        """The call as our mode has seen it; where it was off, as torch's own frames know it."""
        for frame, *_ in reversed(self.frames):
            if is_user_file(frame.f_code.co_filename):
                break
            known = frame.f_locals
            if frame.f_code in recording and isinstance(known.get("args"), tuple):
                name, kwargs = known.get("name"), known.get("kwargs")
                if isinstance(name, str):
                    return Call(name, known["args"], kwargs if isinstance(kwargs, dict) else {})
        return self._in_torch()

    def _in_torch(self) -> Call | None:
        for frame, *_ in self.frames[::-1]:
            code, known = frame.f_code, dict(frame.f_locals)
            if is_user_file(code.co_filename):
                return None
            if code.co_filename.replace("\\", "/").endswith(_FUNCTIONS):
                names = code.co_varnames[: code.co_argcount]
                return Call(code.co_name, tuple(known.get(name) for name in names), {})
            module = known.get("self")
            if code.co_name == "forward" and isinstance(module, nn.Module):
                given = tuple(known.get(name) for name in code.co_varnames[1 : code.co_argcount])
                weights = tuple(item for item in (getattr(module, "weight", None), getattr(module, "bias", None)))
                return Call(_NAMES.get(type(module).__name__, type(module).__name__), given + weights, {})
        return None

    def _module(self) -> nn.Module | None:
        for frame, *_ in reversed(self.frames):
            owner = frame.f_locals.get("self") if "self" in frame.f_code.co_varnames[:1] else None
            if issubclass(type(owner), nn.Module) and isinstance(owner, nn.Module):
                return owner
        return None


_NAMES = {"Linear": "linear", "Conv1d": "conv1d", "Conv2d": "conv2d", "Conv3d": "conv3d", "Embedding": "embedding"}
"""What the forward of these calls at once."""


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int, int]]:
    while trace is not None:
        yield trace.tb_frame, trace.tb_lasti, trace.tb_lineno
        trace = trace.tb_next
