"""Every private name of torch that gradstep uses, found here and nowhere else.

A release of torch may take any of them away or give it another shape. What then is off is written beside the name, and
told to the user; only without a vital one the program cannot be watched.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from gradstep import TORCH

EngineRun = Callable[..., Any]

VITAL = "watching"
"""`off` of a name that nothing can do without."""


@dataclass(frozen=True)
class PrivateName:
    """One private name, or a public one of which more than the documented is used."""

    path: str
    """Below `torch`; a module that may not be imported yet stands before a colon."""
    use: str
    """What it is used for."""
    since: str
    """The first release of torch that has it, of those that were looked into: 2.0 and later."""
    off: str
    """What is off without it, as the user reads it; `VITAL`; empty where something public does the same."""
    fits: Callable[[Any], bool] = callable
    """Whether what was found has the shape that we use."""


def _is_type(found: Any) -> bool:
    return isinstance(found, type)


def _is_function(found: Any) -> bool:
    return hasattr(found, "__code__")


def _is_state(found: Any) -> bool:
    return type(found).__name__ == "_TorchFunctionState"


def _counts(found: Any) -> bool:
    return isinstance(found(), int)


_TRANSFORMS = "telling backward passes inside a torch.func transform from the program's own"
_SUBCLASSES = "running a pass of tensor subclasses again"
_DISPATCH = "hiding gradstep's reads from the program's own TorchDispatchMode"

NAMES = (
    PrivateName("_C._autograd._get_sequence_nr", "numbers the ops, as autograd does its nodes", "2.1", VITAL, _counts),
    PrivateName("_C._push_on_torch_function_stack", "the recorder, on top of the program's modes", "2.0", VITAL),
    PrivateName("_C._pop_torch_function_stack", "the recorder leaves while its own code runs", "2.0", VITAL),
    PrivateName("_C._len_torch_function_stack", "how many modes are on", "2.0", VITAL, _counts),
    PrivateName("_C._get_function_stack_at", "whether the recorder is the innermost mode", "2.0", VITAL),
    PrivateName("_C.DisableTorchFunction", "reads that no mode and no subclass sees", "2.0", VITAL),
    PrivateName("_C.DisableTorchFunctionSubclass", "reads that no subclass sees", "2.0", VITAL),
    PrivateName("autograd._engine_run_backward", "every backward pass, whoever calls it", "2.3", VITAL, _is_function),
    PrivateName(
        "autograd._make_grads",
        "a backward pass that fails before it begins",
        "2.0",
        "the forward stop before a backward pass that fails before it begins",
        _is_function,
    ),
    PrivateName("_C._functorch.peek_interpreter_stack", "whether a transform is under way", "2.0", _TRANSFORMS),
    PrivateName("_C._functorch.is_functorch_wrapped_tensor", "whether a tensor can be read", "2.0", _TRANSFORMS),
    PrivateName(
        "_C._get_tracing_state", "whether torch.jit traces the program", "2.0", "not following torch.jit.trace"
    ),
    PrivateName("_C._get_torch_function_state", "the program's subclasses, while it runs again", "2.6", _SUBCLASSES),
    PrivateName("_C._set_torch_function_state", "the same", "2.6", _SUBCLASSES),
    PrivateName("_C._TorchFunctionState.ENABLED", "the same", "2.6", _SUBCLASSES, _is_state),
    PrivateName("_C._is_torch_function_enabled", "the same", "2.0", _SUBCLASSES, _counts),
    PrivateName("_C._len_torch_dispatch_stack", "whether the program has dispatch modes on", "2.0", _DISPATCH, _counts),
    PrivateName("utils._python_dispatch:_disable_current_modes", "reads that they do not see", "2.0", _DISPATCH),
    PrivateName(
        "autograd._unsafe_preserve_version_counter",
        "buffers put back after a compiled model ran again",
        "2.0",
        "running a compiled model or a custom Function with buffers again",
        _is_type,
    ),
    PrivateName(
        "_C._FunctionBase",
        "nodes of Python, which are not to be run by hand",
        "2.0",
        "local gradients in numbers",
        _is_type,
    ),
    PrivateName(
        "autograd.Function.apply",
        "custom Functions, which no function mode sees; a Python method until 2.13, of C since",
        "2.0",
        "running custom Functions again",
    ),
    PrivateName("nn.Module.__call__", "in which module an op runs", "2.0", "the graph by modules", _is_function),
    PrivateName("utils._device:DeviceContext", "the default device", "2.0", "--device", _is_type),
    PrivateName("_C._set_grad_enabled", "grad mode, at the least cost", "2.0", ""),
    PrivateName("_C._is_any_autocast_enabled", "whether autocast is on, at the least cost", "2.0", ""),
    PrivateName("_foreach_copy_", "many small copies at the cost of one", "2.1", ""),
    PrivateName("_foreach_norm", "many norms at the cost of one", "2.0", ""),
)

_COMPILED = PrivateName(
    "_dynamo.eval_frame:_TorchDynamoContext.__call__",
    "compiled callables, which are one op each and must not be traced with our mode on",
    "2.0",
    "setting compiled models apart: they run uncompiled",
    _is_function,
)
"""Not there before dynamo is imported."""

ATTRIBUTES = {
    "_version": ("2.0", "of a tensor: how often it was written to"),
    "_base": ("2.0", "of a view: the tensor that it is a view of"),
    "_is_view": ("2.0", "of a tensor"),
    "_values": ("2.0", "of a sparse tensor: its elements"),
    "_sequence_nr": ("2.1", "of a node"),
    "_input_metadata": ("2.5", "of a node: shape and dtype of each gradient that it is given"),
    "_parameters": ("2.0", "of a module: those of its own"),
    "_buffers": ("2.0", "of a module: those of its own"),
    "_modules": ("2.0", "of a module: the modules in it"),
}
"""Private attributes of tensors, nodes and modules, read where they are used: since when, and what they are.

Where they may be missing they are asked for by `getattr`: `_saved_…` of a node, `_post_accumulate_grad_hooks` of a
leaf, `_last_lr` of a scheduler, `_torchdynamo_orig_callable` of a compiled function.
"""


def find(name: PrivateName) -> Any:
    """What has that name, None if it is missing or is not what it was."""
    try:
        found = _at(name.path)
        return found if name.fits(found) else None
    except (ImportError, AttributeError, TypeError, RuntimeError):
        return None


def _at(path: str) -> Any:
    module, _, attributes = path.rpartition(":")
    return operator.attrgetter(attributes)(import_module(f"torch.{module}") if module else torch)


_FOUND = {name.path: find(name) for name in NAMES}
ABSENT = tuple(name for name in NAMES if _FOUND[name.path] is None)
"""What this torch lacks."""


def check() -> None:
    """Raise ValueError with one line if this torch lacks something vital."""
    gone = [f"torch.{name.path}" for name in ABSENT if name.off == VITAL] + [*_missing_attributes()]
    if gone:
        raise ValueError(
            f"gradstep cannot watch torch {torch.__version__}: it has no {gone[0]} as expected; tried with {TORCH}"
        )


def notices() -> list[str]:
    """What is off with this torch, a line each."""
    off = dict.fromkeys(name.off for name in ABSENT if name.off not in ("", VITAL))
    return [notice(text) for text in off]


def notice(off: str) -> str:
    """What the user reads of something that is off."""
    return f"off, because torch {torch.__version__} has changed: {off}"


def _missing_attributes() -> list[str]:
    """Vital attributes that a tensor and its node lack."""
    tensor = torch.zeros((), requires_grad=True).view(1)
    absent = [f"Tensor.{name}" for name in ("_version", "_base", "_is_view") if not hasattr(tensor, name)]
    return absent + [f"autograd.Node.{name}" for name in ("_sequence_nr",) if not hasattr(tensor.grad_fn, name)]


def _taken(path: str, otherwise: Any = None) -> Any:
    found = _FOUND[path]
    return otherwise if found is None else found


def _norm_of_each(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [torch.linalg.vector_norm(tensor) for tensor in tensors]


def _copy_each(targets: Sequence[Tensor], sources: Sequence[Tensor]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source)


def _any_autocast() -> bool:
    return any(torch.is_autocast_enabled(kind) for kind in ("cpu", "cuda", "mps", "xpu"))


sequence_nr: Callable[[], int] = _taken("_C._autograd._get_sequence_nr")
"""That of the next node that autograd makes in this thread."""
push_mode: Callable[[Any], None] = _taken("_C._push_on_torch_function_stack")
pop_mode: Callable[[], Any] = _taken("_C._pop_torch_function_stack")
count_modes: Callable[[], int] = _taken("_C._len_torch_function_stack")
mode_at: Callable[[int], Any] = _taken("_C._get_function_stack_at")
no_functions: Callable[[], AbstractContextManager[None]] = _taken("_C.DisableTorchFunction")
"""Neither modes nor subclasses see what is called inside."""
no_subclasses: Callable[[], AbstractContextManager[None]] = _taken("_C.DisableTorchFunctionSubclass")
_switched = all(_FOUND[name.path] is not None for name in NAMES if name.off == _SUBCLASSES)
function_state: Callable[[], Any] = _FOUND["_C._get_torch_function_state"] if _switched else lambda: None
set_function_state: Callable[[Any], None] = _FOUND["_C._set_torch_function_state"] if _switched else lambda state: None
ENABLED: Any = _FOUND["_C._TorchFunctionState.ENABLED"]
functions_enabled: Callable[[], bool] = _FOUND["_C._is_torch_function_enabled"] if _switched else lambda: True
transform: Callable[[], Any] = _taken("_C._functorch.peek_interpreter_stack", lambda: None)
"""The functorch transform under way; None outside of all."""
is_transformed: Callable[[Tensor], bool] = _taken("_C._functorch.is_functorch_wrapped_tensor", lambda tensor: False)
tracing: Callable[[], Any] = _taken("_C._get_tracing_state", lambda: None)
"""None where torch.jit does not trace."""
count_dispatch_modes: Callable[[], int] = _taken("_C._len_torch_dispatch_stack", lambda: 0)
no_dispatch_modes: Callable[[], AbstractContextManager[Any]] = _taken(
    "utils._python_dispatch:_disable_current_modes", nullcontext
)
preserve_version: Callable[[Tensor], AbstractContextManager[None]] | None = _taken(
    "autograd._unsafe_preserve_version_counter"
)
"""What is written to the tensor inside is not counted."""
FunctionBase: type | None = _taken("_C._FunctionBase")
"""Class of the nodes of custom Functions."""
DeviceContext: Any = _taken("utils._device:DeviceContext")
set_grad: Callable[[bool], Any] = _taken("_C._set_grad_enabled", torch.set_grad_enabled)
any_autocast: Callable[[], bool] = _taken("_C._is_any_autocast_enabled", _any_autocast)
norms_of: Callable[[Sequence[Tensor]], Sequence[Tensor]] = _taken("_foreach_norm", _norm_of_each)
copy_all: Callable[[Sequence[Tensor], Sequence[Tensor]], Any] = _taken("_foreach_copy_", _copy_each)


def has(path: str) -> bool:
    """Whether this torch has what `NAMES` says of that path."""
    return _FOUND[path] is not None


def wrap_engine(wrap: Callable[[EngineRun], EngineRun]) -> None:
    """Put a wrapper around the one function that `Tensor.backward`, `autograd.backward` and `autograd.grad` call."""
    engine: Any = torch.autograd
    engine._engine_run_backward = wrap(engine._engine_run_backward)


def wrap_first_gradients(wrap: Callable[[EngineRun], EngineRun]) -> None:
    """The same around what those three call before it, which may raise."""
    if has("autograd._make_grads"):
        module: Any = torch.autograd
        module._make_grads = wrap(module._make_grads)


def compiled_context() -> Any:
    """The class with which dynamo wraps callables, None if it is not what it was. Dynamo must be imported."""
    return None if find(_COMPILED) is None else _at(_COMPILED.path.rpartition(".")[0])


def without_compiled() -> str:
    """What the user reads where there is none."""
    return notice(_COMPILED.off)
