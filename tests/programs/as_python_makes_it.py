"""What `__main__`, `sys` and the process are like: the same as under python. It trains nothing.

Phases:
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading

import torch

found = {
    "losses": [],
    "grads": [],
    "main": (__name__, os.path.basename(__file__), __spec__, type(__loader__).__name__, type(__builtins__).__name__),
    "names": sorted(name for name in globals() if name.startswith("__")),
    "arguments": (sys.argv[0], len(sys.argv), sys.orig_argv[:2], len(sys.orig_argv)),
    "folder": (sys.path[0], os.getcwd()),
    "hooks": (sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, sys.gettrace()),
    "process": (multiprocessing.get_start_method(allow_none=True), multiprocessing.current_process().name),
    "parent": multiprocessing.parent_process(),
    "for children": sys.modules["__mp_main__"] is sys.modules["__main__"],
    "threads": ([thread.name for thread in threading.enumerate()], torch.get_num_threads()),
    "signals": {name: str(signal.getsignal(getattr(signal, name))) for name in ("SIGINT", "SIGTERM", "SIGCHLD", "SIGPIPE")},
    "wakeup": signal.set_wakeup_fd(-1),
    "streams": (sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors),
    "collector": (gc.isenabled(), gc.get_threshold()),
    "limits": (sys.getrecursionlimit(), sys.getswitchinterval()),
    "torch": (torch.is_grad_enabled(), str(torch.get_default_dtype()), torch.are_deterministic_algorithms_enabled()),
}
if len(sys.argv) > 1:
    torch.save(found, sys.argv[1])
