Ways to end, and to treat streams, files, processes and signals.

# %% a string as exit code
import sys, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
sys.exit("it ends here")

# %% a huge exit code: quick
import sys, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
sys.exit(2**70 + 5)

# %% a negative exit code
import sys, torch
sys.exit(-3)

# %% an exit code of 300
import sys
sys.exit(300)

# %% true as exit code
import sys
sys.exit(True)

# %% a float as exit code
import sys
sys.exit(2.5)

# %% a tuple raised as exit
raise SystemExit(1, 2)

# %% an exit code that cannot be written
import sys, torch
class Code:
    def __str__(self):
        raise ValueError("no")
w = torch.ones(1, requires_grad=True)
(w * w).backward()
sys.exit(Code())

# %% an exit whose code is a property that raises
class Exit(SystemExit):
    @property
    def code(self):
        raise ValueError("no")
raise Exit(3)

# %% exit in a hook of backward
import sys, torch
w = torch.ones(1, requires_grad=True)
w.register_hook(lambda grad: sys.exit(4))
(w * w).backward()

# %% exit in forward
import sys, torch
class Net(torch.nn.Module):
    def forward(self, x):
        sys.exit(6)
Net()(torch.ones(1))

# %% exit in an optimizer step
import sys, torch
w = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([w], 0.1)
optimizer.register_step_pre_hook(lambda *args: sys.exit(8))
(w * w).backward()
optimizer.step()

# %% os exit
import os, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print("flushed", flush=True)
os._exit(9)

# %% keyboard interrupt: quick
import torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
raise KeyboardInterrupt

# %% a subclass of keyboard interrupt
class Mine(KeyboardInterrupt):
    pass
raise Mine("mine")

# %% interrupted by a signal
import os, signal, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
os.kill(os.getpid(), signal.SIGINT)

# %% killed by itself
import os, signal, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
os.kill(os.getpid(), signal.SIGTERM)

# %% killed by a real time signal: quick
import os, signal
os.kill(os.getpid(), signal.SIGRTMIN + 7)

# %% aborted
import os, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
os.abort()

# %% generator exit
raise GeneratorExit

# %% base exception
class Mine(BaseException):
    pass
raise Mine("base")

# %% an exception group: quick
import torch
w = torch.ones(1, requires_grad=True)
def one():
    try:
        (w @ torch.ones(5)).backward()
    except Exception as error:
        return error
raise ExceptionGroup("several", [one(), ValueError("two"), ExceptionGroup("inner", [KeyError("three")])])

# %% a circle of causes and contexts
one, two = ValueError("one"), KeyError("two")
one.__context__, two.__cause__ = two, one
one.__suppress_context__ = False
raise one

# %% an exception that cannot be set
class Mine(Exception):
    def __setattr__(self, name, value):
        raise RuntimeError("no attributes")
raise Mine("mine")

# %% an exception whose attributes raise
class Mine(Exception):
    @property
    def __notes__(self):
        raise RuntimeError("no notes")
raise Mine("mine")

# %% str that is no text
class Mine(Exception):
    def __str__(self):
        return 3
raise Mine

# %% an exception with notes and surrogates
error = ValueError("bad \udcff name")
error.add_note("a note \ud800")
raise error

# %% an exception with escapes and nulls
raise ValueError("\x1b]0;title\x07\0 end\r\nsecond")

# %% a syntax error at run time
exec("def f(:\n  pass")

# %% a syntax error made by hand
error = SyntaxError("by hand")
error.filename, error.lineno, error.offset, error.text, error.msg = "no such file", 10**30, -1, "text", None
raise error

# %% unicode error
b"\xff".decode()

# %% os error with a strange file
open("no\udcffsuch\nfile")

# %% import error
import no_such_module_at_all

# %% an excepthook that raises: quick
import sys
def hook(*args):
    raise KeyError("hook")
sys.excepthook = hook
raise ValueError("original")

# %% an excepthook that exits
import sys
sys.excepthook = lambda *args: sys.exit(11)
raise ValueError("original")

# %% an excepthook that prints
import sys, torch
sys.excepthook = lambda kind, error, trace: print("hook", kind.__name__, [part.name for part in __import__("traceback").extract_tb(trace)][-1])
w = torch.ones(1, requires_grad=True)
(w * w).backward()
raise ValueError("original")

# %% no excepthook
import sys
del sys.excepthook
raise ValueError("original")

# %% none as excepthook
import sys
sys.excepthook = None
raise ValueError("original")

# %% last value at exit
import atexit, sys
atexit.register(lambda: print(repr(sys.last_value), sys.last_type))
raise ValueError("last")

# %% atexit trains on: quick
import atexit, torch
w = torch.ones(1, requires_grad=True)
def more():
    (w * w).backward()
    print("at exit", w.grad.item())
atexit.register(more)
more()

# %% atexit raises
import atexit, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
atexit.register(lambda: 1 / 0)

# %% a thread outlives the main program
import threading, time, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
def late():
    time.sleep(0.2)
    (w * w).backward()
    print("late", w.grad.item())
threading.Thread(target=late).start()

# %% a thread raises
import threading
def bad():
    raise ValueError("in a thread")
thread = threading.Thread(target=bad, name="bad")
thread.start()
thread.join()

# %% backward in a thread: told
import threading, torch
w = torch.ones(1, requires_grad=True)
def work():
    (w * w).backward()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(w.grad.item())
w.grad = None
import sys
sys.exit(0 if w.grad is None else 1)

# %% stdout is none: quick
import sys, torch
sys.stdout = None
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print("nobody sees it")

# %% stderr is none
import sys, torch
sys.stderr = None
w = torch.ones(1, requires_grad=True)
(w * w).backward()
raise ValueError("nobody sees it")

# %% all streams are none
import sys
sys.stdin = sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
raise SystemExit("nobody")

# %% stdout without flush: quick
import sys, torch
class Out:
    def write(self, text):
        sys.__stdout__.write(text.upper())
sys.stdout = Out()
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print("loud")

# %% stdout whose flush raises
import sys, torch
class Out:
    count = 0
    def write(self, text):
        sys.__stdout__.write(text)
    def flush(self):
        Out.count += 1
        raise RuntimeError("flush")
out = sys.stdout = Out()
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print("flushed", Out.count)
sys.stdout = sys.__stdout__

# %% stdout redirected to text
import contextlib, io, torch
text = io.StringIO()
w = torch.ones(1, requires_grad=True)
with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
    (w * w).backward()
    print("inside")
print(repr(text.getvalue()))

# %% stdout is a closed file at the end
import sys, torch
file = open("out.txt", "w")
sys.stdout = file
w = torch.ones(1, requires_grad=True)
(w * w).backward()
file.close()
(w * w).backward()

# %% descriptor one closed: quick
import os, torch
w = torch.ones(1, requires_grad=True)
os.close(1)
(w * w).backward()

# %% descriptors zero to two closed
import os, torch
w = torch.ones(1, requires_grad=True)
for number in range(3):
    os.close(number)
(w * w).backward()
files = [open(f"f{n}", "w").fileno() for n in range(1)]
os._exit(12 + len(files))

# %% descriptors point elsewhere
import os, torch
w = torch.ones(1, requires_grad=True)
kept = os.dup(1)
file = os.open("out.txt", os.O_WRONLY | os.O_CREAT)
os.dup2(file, 1)
(w * w).backward()
print("to the file", flush=True)
os.dup2(kept, 1)
(w * w).backward()
print(open("out.txt").read())

# %% stdin closed
import sys, torch
sys.stdin.close()
w = torch.ones(1, requires_grad=True)
(w * w).backward()
try:
    input()
except Exception as error:
    print(type(error))

# %% numbers of descriptors: quick
import os, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print([os.open(os.devnull, os.O_RDONLY) for _ in range(4)])

# %% forked children: quick
import os, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
for code in range(3):
    child = os.fork()
    if child == 0:
        (w * w).backward()
        print("child", w.grad.item(), flush=True)
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))

# %% a forked child raises
import os, sys, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
child = os.fork()
if child == 0:
    (w * w).backward()
    raise ValueError("child")
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)

# %% the parent goes and the child stays
import os, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, b"x")
    os._exit(0)
os.read(reading, 1)
os.wait()

# %% exec of another program: quick
import os, sys, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
os.execv(sys.executable, [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGURG); print('other'); raise SystemExit(5)"])

# %% multiprocessing forks
import multiprocessing, torch
def work(n):
    w = torch.ones(1, requires_grad=True)
    (w * n).backward()
    return w.grad.item()
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(work, [1, 2, 3]))

# %% multiprocessing spawns
import multiprocessing, torch
def work(n):
    return torch.full((1,), float(n)).item()
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(work, [1, 2]))

# %% a child process
import subprocess, sys, torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
done = subprocess.run([sys.executable, "-c", "import sys, os; print(sys.flags.safe_path, 'PYTHONHASHSEED' in os.environ); sys.exit(3)"], capture_output=True, text=True)
print(done)

# %% signal handlers that return: quick
import os, signal, torch
heard = []
signal.signal(signal.SIGUSR1, lambda number, frame: heard.append((number, frame.f_code.co_name)))
w = torch.ones(1, requires_grad=True)
w.register_hook(lambda grad: os.kill(os.getpid(), signal.SIGUSR1))
(w * w).backward()
os.kill(os.getpid(), signal.SIGUSR1)
print(len(heard), heard[1], signal.getsignal(signal.SIGUSR1)(1, __import__("sys")._getframe()))

# %% signal handlers told apart: quick
import signal
def handler(number, frame):
    pass
print(signal.signal(signal.SIGUSR1, handler), signal.getsignal(signal.SIGUSR1) is handler)
print(signal.signal(signal.SIGUSR1, signal.SIG_IGN) is handler, signal.getsignal(signal.SIGUSR1))
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
for bad in (3.5, "text", None):
    try:
        signal.signal(signal.SIGUSR1, bad)
    except TypeError as error:
        print(error)
try:
    signal.signal(signal.SIGKILL, handler)
except OSError as error:
    print(error)

# %% a signal raised as system exit
import os, signal, sys, torch
signal.signal(signal.SIGTERM, lambda *args: sys.exit(17))
w = torch.ones(1, requires_grad=True)
(w * w).backward()
os.kill(os.getpid(), signal.SIGTERM)

# %% all signals handled
import signal, torch
for number in sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}):
    try:
        signal.signal(number, lambda *args: None)
    except OSError:
        pass
w = torch.ones(1, requires_grad=True)
for _ in range(3):
    (w * w).backward()

# %% all signals blocked
import signal, torch
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
w = torch.ones(1, requires_grad=True)
for _ in range(3):
    (w * w).backward()
signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())

# %% asyncio with signals
import asyncio, os, signal, torch
async def main():
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR2, heard.set)
    w = torch.ones(1, requires_grad=True)
    (w * w).backward()
    os.kill(os.getpid(), signal.SIGUSR2)
    await heard.wait()
    return w.grad.item()
print(asyncio.run(main()))

# %% asyncio trains in tasks
import asyncio, torch
w = torch.ones(1, requires_grad=True)
async def train(n):
    for _ in range(n):
        loss = (w * n).sum()
        await asyncio.sleep(0)
        loss.backward()
async def main():
    await asyncio.gather(train(1), train(2), train(3))
asyncio.run(main())
print(w.grad.item())

# %% a task that is cancelled
import asyncio, torch
async def main():
    task = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    task.cancel()
    await task
asyncio.run(main())

# %% warnings as errors
import warnings, torch
warnings.simplefilter("error")
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
(w * w).grad

# %% faulthandler
import faulthandler, torch
faulthandler.enable()
w = torch.ones(1, requires_grad=True)
(w * w).backward()
faulthandler.disable()

# %% the source is deleted and the folder changed: quick
import os, tempfile, torch
os.chdir(tempfile.mkdtemp())
os.unlink(__file__)
os.rmdir(os.getcwd())
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print(w.grad.item())
raise ValueError("no source")

# %% no such working directory
import os, tempfile, torch
folder = tempfile.mkdtemp()
os.chdir(folder)
os.rmdir(folder)
w = torch.ones(1, requires_grad=True)
(w * w).backward()

# %% environment cleared
import os, torch
kept = dict(os.environ)
os.environ.clear()
w = torch.ones(1, requires_grad=True)
(w * w).backward()
print(sorted(kept.keys() & {"PYTHONHASHSEED", "RANK"}))

# %% few files allowed
import resource, torch
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
w = torch.ones(1, requires_grad=True)
(w * w).backward()
files = []
try:
    while True:
        files.append(open("/dev/null"))
except OSError as error:
    print(len(files), error.strerror)
for _ in range(2):
    (w * w).backward()
