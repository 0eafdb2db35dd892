Objects, names and modules of Python that are not what they seem.

# %% builtins overwritten: quick told
import builtins, torch
w = torch.ones(2, requires_grad=True)
kept = {name: getattr(builtins, name) for name in ("print", "len", "open", "isinstance", "repr", "list", "sum")}
len = list = repr = None
builtins.open = builtins.repr = None
(w * w).sum().backward()
(w * w).sum().backward()
for name, value in kept.items():
    setattr(builtins, name, value)
kept["print"](w.grad.tolist())

# %% print overwritten
import builtins, torch
w = torch.ones(2, requires_grad=True)
said = []
builtins.print = lambda *args, **kwargs: said.append(args)
(w * w).sum().backward()
print("quiet")
import sys
sys.stdout.write(f"{said}\n")

# %% sys modules games: quick
import sys, torch
w = torch.ones(2, requires_grad=True)
kept = dict(sys.modules)
for name in ("traceback", "linecache", "warnings", "signal", "os", "threading", "__main__", "torch.nn"):
    del sys.modules[name]
(w * w).sum().backward()
(w * w).sum().backward()
sys.modules.update(kept)
print(w.grad.tolist())

# %% main replaced
import sys, types, torch
w = torch.ones(2, requires_grad=True)
sys.modules["__main__"] = None
(w * w).sum().backward()
sys.modules["__main__"] = types.SimpleNamespace()
(w * w).sum().backward()
print(w.grad.tolist())

# %% modules that raise
import sys, types, torch
class Lazy(types.ModuleType):
    def __getattr__(self, name):
        raise RuntimeError(name)
    @property
    def __dict__(self):
        raise RuntimeError("dict")
    @property
    def __file__(self):
        raise RuntimeError("file")
lazy = sys.modules["lazy"] = Lazy("lazy")
class Thing:
    pass
Thing.__module__ = "lazy"
thing = Thing()
thing.w = w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
(w * w).sum().backward()
print(w.grad.tolist())

# %% names that are no names
import torch
w = torch.ones(2, requires_grad=True)
globals().update({"": w, "a b": torch.ones(1), "\udcff": torch.ones(1), "x\n\x1b[31m": torch.ones(2), "__hidden": w})
globals()[3] = w
(w * w).sum().backward()
(w * w).sum().backward()
del globals()[3]
print(w.grad.tolist())

# %% a class in place of a module's dict
import torch
from torch import nn
class Table(dict):
    def values(self):
        raise RuntimeError("values")
    def items(self):
        raise RuntimeError("items")
net = nn.Linear(2, 1)
net.extra = Table(a=1)
net(torch.ones(1, 2)).sum().backward()
net(torch.ones(1, 2)).sum().backward()
print(net.weight.grad)

# %% properties of modules that raise: quick
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 1)
    @property
    def weight(self):
        raise RuntimeError("weight")
    @property
    def training_set(self):
        raise KeyError("training_set")
    def __getattr__(self, name):
        if name == "fc":
            return super().__getattr__(name)
        raise RuntimeError(name)
    def __repr__(self):
        raise RuntimeError("repr")
    def __len__(self):
        raise RuntimeError("len")
    def __iter__(self):
        raise RuntimeError("iter")
    def __bool__(self):
        raise RuntimeError("bool")
    def __eq__(self, other):
        raise RuntimeError("eq")
    def __hash__(self):
        return 1
    def forward(self, x):
        return self.fc(x)
net = Net()
optimizer = torch.optim.SGD(net.fc.parameters(), 0.1)
for _ in range(3):
    optimizer.zero_grad()
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
print(net.fc.weight)

# %% a module that cannot be hashed
import torch
from torch import nn
class Net(nn.Linear):
    __hash__ = None
class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self._modules["inner"] = self.x = None
net = Net(2, 1)
net(torch.ones(1, 2)).sum().backward()
net(torch.ones(1, 2)).sum().backward()
print(net.weight.grad)

# %% a module in a circle
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 2))
net[0].__dict__["parent"] = net
net[0]._modules["loop"] = net[0]
net(torch.ones(1, 2)).sum().backward()
net(torch.ones(1, 2)).sum().backward()
print(net[0].weight.grad)

# %% a very deep module
import torch
from torch import nn
net = nn.Linear(1, 1)
for _ in range(150):
    net = nn.Sequential(net)
net(torch.ones(1, 1)).sum().backward()
net(torch.ones(1, 1)).sum().backward()

# %% slots and metaclasses
import torch
class Meta(type):
    def __instancecheck__(cls, other):
        raise RuntimeError("instancecheck")
    def __subclasscheck__(cls, other):
        raise RuntimeError("subclasscheck")
    def __getattr__(cls, name):
        raise RuntimeError(name)
    def __repr__(cls):
        raise RuntimeError("repr")
class Holder(metaclass=Meta):
    __slots__ = ("w", "missing")
holder = Holder()
holder.w = torch.ones(2, requires_grad=True)
for _ in range(2):
    (holder.w * holder.w).sum().backward()
print(holder.w.grad.tolist())

# %% equality that raises in tensors: quick
import torch
class Odd(torch.Tensor):
    def __eq__(self, other):
        raise RuntimeError("eq")
    def __bool__(self):
        raise RuntimeError("bool")
    def __repr__(self):
        raise RuntimeError("repr")
    def __len__(self):
        raise RuntimeError("len")
    __hash__ = torch.Tensor.__hash__
w = torch.ones(2).as_subclass(Odd).requires_grad_()
for _ in range(2):
    (w * w).sum().backward()
    with torch.no_grad():
        w -= w.grad
print(w.as_subclass(torch.Tensor).tolist())

# %% a generator is not run on
import torch
def batches():
    for n in range(4):
        print("batch", n)
        yield torch.full((2,), float(n))
w = torch.ones(2, requires_grad=True)
stream = batches()
pairs = zip(stream, iter(range(10)))
lazy = (w * n for n in range(5))
for x, n in pairs:
    (w * x).sum().backward()
print(w.grad.tolist(), len(list(lazy)))

# %% del and weakrefs: quick
import gc, weakref, torch
gone = []
class Noted(torch.nn.Linear):
    def __del__(self):
        gone.append("module")
def one():
    layer = Noted(2, 1)
    x = torch.ones(1, 2)
    y = layer(x)
    weakref.finalize(y, gone.append, "output")
    y.sum().backward()
for _ in range(3):
    one()
    gc.collect()
    print(gone)

# %% large temporaries are freed at once
import weakref, torch
gone = []
w = torch.ones(300, 300, requires_grad=True)
y = w @ w
weakref.finalize(y, gone.append, "y")
z = y + 1
del y
print(gone)
z.sum().backward()

# %% gc disabled and frozen
import gc, torch
gc.disable()
w = torch.ones(2, requires_grad=True)
for _ in range(3):
    (w * w).sum().backward()
print(gc.isenabled(), gc.get_threshold(), gc.collect() >= 0)

# %% gc callbacks
import gc, torch
seen = []
gc.callbacks.append(lambda phase, info: seen.append(phase))
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
gc.collect()
print(len(seen) > 0)
gc.callbacks.clear()

# %% a trace function
import sys, torch
lines = []
def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        lines.append((event, frame.f_lineno))
        return tracer
w = torch.ones(2, requires_grad=True)
def work():
    y = w * w
    z = y.sum()
    z.backward()
sys.settrace(tracer)
work()
sys.settrace(None)
print(lines)

# %% a trace function that raises
import sys, torch
w = torch.ones(2, requires_grad=True)
count = 0
def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__ and event == "line" and frame.f_lineno == 12:
        raise ValueError("tracer")
    return tracer if frame.f_code.co_filename == __file__ else None
def work():
    (w * w).sum().backward()
    return 1
sys.settrace(tracer)
try:
    work()
except ValueError as error:
    print(error)
print(sys.gettrace() is tracer)

# %% a profile function
import sys, torch
w = torch.ones(2, requires_grad=True)
calls = []
def work():
    (w * w).sum().backward()
sys.setprofile(lambda frame, event, arg: calls.append(event) if frame.f_code.co_filename == __file__ else None)
work()
sys.setprofile(None)
print([call for call in calls if "c_" not in call])

# %% deepcopy and pickle
import copy, io, pickle, torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
net(torch.ones(1, 2)).sum().backward()
other = copy.deepcopy(net)
other(torch.ones(1, 2)).sum().backward()
third = pickle.loads(pickle.dumps(net))
third(torch.ones(1, 2)).sum().backward()
buffer = io.BytesIO()
torch.save(net.state_dict(), buffer)
print(len(pickle.dumps(net)), sorted(net.__dict__), sorted(vars(net[0])))
optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
optimizer.step()
print(len(pickle.dumps(optimizer)), sorted(optimizer.__dict__), len(optimizer._optimizer_step_pre_hooks))

# %% exec and eval
import torch
names = {"torch": torch}
exec("w = torch.ones(2, requires_grad=True)\nfor _ in range(2):\n    (w * w).sum().backward()", names)
print(names["w"].grad.tolist(), eval("(w * 2).sum().item()", names))
exec(compile("import torch\nv = torch.ones(1, requires_grad=True)\n(v * v).backward()", "no such\x1b file", "exec"), names)
print(names["v"].grad)

# %% line numbers that are not there
import torch
def work():
    w = torch.ones(1, requires_grad=True)
    (w * w).backward()
    (w * w).backward()
    return w.grad.item()
work.__code__ = work.__code__.replace(co_linetable=b"", co_filename="", co_name="")
print(work())

# %% locals that lie
import torch
class Names(dict):
    def __getitem__(self, name):
        return dict.__getitem__(self, name)
    def items(self):
        raise RuntimeError("items")
    def __iter__(self):
        raise RuntimeError("iter")
names = Names(torch=torch, __builtins__=__builtins__)
exec("w = torch.ones(2, requires_grad=True)\n(w * w).sum().backward()\n(w * w).sum().backward()\nprint(w.grad.tolist())", {}, names)

# %% huge containers in sight
import torch
w = torch.ones(2, requires_grad=True)
numbers = list(range(10**6))
table = {n: n for n in range(10**5)}
nested = []
for _ in range(2000):
    nested = [nested]
for _ in range(2):
    (w * w).sum().backward()
print(w.grad.tolist())

# %% a container that holds itself
import torch
w = torch.ones(2, requires_grad=True)
loop = [w]
loop.append(loop)
table = {"w": w}
table["table"] = table
for _ in range(2):
    (w * w).sum().backward()
print(w.grad.tolist())

# %% linecache and getframe
import linecache, sys, torch
linecache.getline = lambda *args: 1 / 0
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
(w * w).sum().backward()
print(w.grad.tolist())

# %% time stands still
import time, torch
time.perf_counter = time.time = time.monotonic = lambda: 0.0
w = torch.ones(2, requires_grad=True)
for _ in range(3):
    (w * w).sum().backward()
print(w.grad.tolist())

# %% contextvars
import contextvars, torch
var = contextvars.ContextVar("var", default=0)
w = torch.ones(1, requires_grad=True)
w.register_hook(lambda grad: print("hook", var.get()))
def work():
    var.set(5)
    (w * w).backward()
contextvars.copy_context().run(work)
print(var.get())

# %% random states
import random, numpy, torch
random.seed(1), numpy.random.seed(1), torch.manual_seed(1)
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], 1.0)
for _ in range(3):
    optimizer.zero_grad()
    (torch.nn.functional.dropout(w * torch.rand(3)) ** 2).sum().backward()
    optimizer.step()
    print(random.random(), numpy.random.rand(), torch.rand(1).item())

# %% logging of everything
import logging, torch
logging.basicConfig(level=logging.DEBUG)
w = torch.ones(2, requires_grad=True)
(w * w).sum().backward()
logging.getLogger().setLevel(logging.WARNING)

# %% doctest and inspect
import inspect, torch
w = torch.ones(1, requires_grad=True)
class F1(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        print([frame.function for frame in inspect.stack()][:1])
        return x * 2
    @staticmethod
    def backward(ctx, grad):
        return grad * 2
F1.apply(w).backward()
print(inspect.signature(torch.nn.Linear.forward), inspect.signature(torch.Tensor.backward))
