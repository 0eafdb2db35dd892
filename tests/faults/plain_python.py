"""Runs programs as python alone would, each in a fork of this process, which has imported torch once for all of them.

Reads requests as JSON lines, `[directory, standard output, standard error, program, argument…]`, and answers each with
the program's exit code, -N after signal N. What python does at the end of a program is left to python itself: but for
this file's frame in a traceback there is nothing of ours in it.
"""

import gc
import json
import os
import sys
import types


def wait_for_work() -> list[str]:
    """Answer requests; in a fork, return what is to be run."""
    answers = os.fdopen(os.dup(1), "w")
    requests = os.fdopen(os.dup(0))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for line in requests:
        asked: list[str] = json.loads(line)
        directory, out, error, *argv = asked
        child = os.fork()
        if child == 0:
            os.setsid()
            for number, path in ((1, out), (2, error)):
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(file, number)
                os.close(file)
            os.closerange(3, 64)
            os.chdir(directory)
            return argv
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)
    sys.exit()


def bare_main(path: str) -> types.ModuleType:
    """A fresh `__main__`."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=__builtins__, __file__=path, __annotations__={}, __spec__=None, __cached__=None)
    return main


if len(sys.argv) > 1 and sys.argv[1] == "preload":
    pass
gc.freeze()
sys.argv = wait_for_work()
sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
path = os.path.abspath(sys.argv[0])
with open(path, "rb") as file:
    code = compile(file.read(), path, "exec", dont_inherit=True)
main = sys.modules["__main__"] = bare_main(path)
exec(code, main.__dict__)
