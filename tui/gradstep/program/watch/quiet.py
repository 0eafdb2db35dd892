"""Our own reads of tensors: unseen by the program's modes, without grad, without autocast."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch.utils._python_dispatch import _disable_current_modes


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Everything torch does inside is ours and leaves no trace in the program's state."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch._C.DisableTorchFunction())
        if torch._C._len_torch_dispatch_stack():
            stack.enter_context(_disable_current_modes())
        cache = torch.is_autocast_cache_enabled()
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False, cache_enabled=cache))
        stack.enter_context(torch.no_grad())
        yield
