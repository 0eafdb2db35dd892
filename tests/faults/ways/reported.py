
# %% alarm exception swallowed: quick
import signal, time
import torch
raised = caught = 0
class Timeout(Exception): pass
def handler(*_):
    global raised
    raised += 1
    raise Timeout
signal.signal(signal.SIGALRM, handler)
w = torch.ones(3, requires_grad=True)
for k in range(60):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005 + 0.0003 * (k % 20))
        (w * w).sum().backward()
        time.sleep(0.02)
    except Timeout:
        caught += 1
print("raised", raised, "caught", caught)
w.grad = None

# %% cause cycle hangs: quick
import torch
w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
try:
    raise ValueError("boom")
except ValueError as error:
    raise error from error

# %% closed stdout kills: quick
import sys
import torch
w = torch.ones(3, requires_grad=True)
sys.stdout.close()
for _ in range(3):
    (w * w).sum().backward()

# %% closerange kills: quick
import os
import torch
w = torch.ones(3, requires_grad=True)
os.closerange(3, 256)
for i in range(3):
    (w * w).sum().backward()
    print("iteration", i, flush=True)

# %% dispatch mode sees detach: quick
import torch
from torch.utils._python_dispatch import TorchDispatchMode
seen = []
class Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        seen.append(str(func)); return func(*args, **(kwargs or {}))
w = torch.ones(3, requires_grad=True)
with Mode():
    (w * w).sum().backward()
print(len(seen), seen)

# %% exception str raises: quick
import torch
w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
class E(Exception):
    def __str__(self): raise RuntimeError("no str")
raise E

# %% nested tensor ends watching: quick
import torch
n = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], requires_grad=True)
n.to_padded_tensor(0.0).sum().backward()
w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()

# %% numpy makes storage unresizable: quick
import torch
p = torch.ones(1000, requires_grad=True)
(p * p).sum().backward()
p.untyped_storage().resize_(0)
q = torch.ones(3, requires_grad=True)
(q * q).sum().backward()
q.untyped_storage().resize_(0)
print("end")

# %% patched backward runs twice: quick
import torch
calls = 0
original = torch.Tensor.backward
def scaled(self, *args, **kwargs):
    global calls
    calls += 1
    return original(self * 2, *args, **kwargs)
torch.Tensor.backward = scaled
w = torch.ones(1, requires_grad=True)
(w * w).sum().backward()
print("calls", calls, "grad", w.grad.item())

# %% proxy object ends watching: quick
import torch
class Proxy:
    __slots__ = ()
    @property
    def __dict__(self): raise RuntimeError("working outside of request context")
request = Proxy()
w = torch.ones(3, requires_grad=True)
for _ in range(2): (w * w).sum().backward()

# %% surrogate kills: quick
import torch
from torch import nn
table = nn.ModuleDict({b"bad\xff".decode("utf8", "surrogateescape"): nn.Linear(2, 2)})
for m in table.values():
    m(torch.ones(1, 2)).sum().backward()
print("end")

# %% warning line of full backward hook: quick
import torch

model = torch.nn.Linear(3, 1)
model.register_full_backward_hook(lambda module, into, out: None)
loss = model(torch.randn(4, 3)).sum()
loss.backward()

# %% nested of both layouts
import torch
for layout in (torch.strided, torch.jagged):
    n = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True, layout=layout)
    m = torch.nested.nested_tensor([torch.ones(1, 3)], requires_grad=True, layout=layout)
    linear = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD([n, *linear.parameters()], 0.1)
    for _ in range(2):
        optimizer.zero_grad()
        h = torch.relu(linear(n * 2))
        loss = h.to_padded_tensor(0.0).sum()
        loss.backward()
        torch.nested.to_padded_tensor(m, 0.0).sum().backward()
        optimizer.step()
        with torch.no_grad():
            m.add_(1) if layout is torch.strided else None
    print(loss.item(), linear.weight.sum().item())

# %% closerange to the end: quick
import os
import torch
w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
os.closerange(3, 4096)
files = [open(f"file{n}", "w") for n in range(5)]
os.dup2(files[0].fileno(), 1000)
for i in range(3):
    (w * w).sum().backward()
    print("iteration", i, [file.fileno() for file in files], os.path.getsize("file0"), flush=True)
w.data.zero_()

# %% nested gradients added up
import torch
n = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], requires_grad=True)
linear = torch.nn.Linear(3, 2)
optimizer = torch.optim.SGD(linear.parameters(), 0.1)
for _ in range(3):
    loss = linear(n * 2).to_padded_tensor(0.0).sum()
    loss.backward()
    optimizer.step()
print(loss.item(), linear.weight.sum().item())

# %% modules that are none yet
import torch
from torch import nn
class Bare(nn.Module):
    def __init__(self):
        pass
class Odd(nn.Module):
    def named_modules(self, *args, **kwargs):
        raise RuntimeError("no")
    def named_parameters(self, *args, **kwargs):
        raise RuntimeError("no")
    def modules(self):
        raise RuntimeError("no")
bare = Bare()
odd = Odd()
odd.fc = nn.Linear(2, 1)
setattr(odd, "", 3)
nest = nn.ModuleList([odd, nn.Linear(1, 1)])
nest._modules["bare"] = bare
for _ in range(2):
    nest[1](odd.fc(torch.ones(1, 2))).sum().backward()
print(odd.fc.weight.grad, nest[1].weight.grad)

# %% objects that lie
import torch
import collections
class Meta(type):
    def __hash__(cls):
        raise RuntimeError("hash")
    def __eq__(cls, other):
        raise RuntimeError("eq")
    def __getattribute__(cls, name):
        if name in ("__mro__", "__dict__", "__module__", "__name__", "_fields"):
            raise RuntimeError(name)
        return super().__getattribute__(name)
class A(metaclass=Meta):
    pass
class D(dict):
    def __len__(self):
        raise RuntimeError("len")
    def items(self):
        raise RuntimeError("items")
class T(collections.namedtuple("T", "x y")):
    def __iter__(self):
        raise RuntimeError("iter")
class G:
    def __getattr__(self, name):
        raise RuntimeError(name)
    def __getattribute__(self, name):
        raise RuntimeError(name)
    def __eq__(self, other):
        raise RuntimeError("eq")
    def __bool__(self):
        raise RuntimeError("bool")
    def __repr__(self):
        raise RuntimeError("repr")
class K(str):
    def __repr__(self):
        raise RuntimeError("repr")
    def __format__(self, spec):
        raise RuntimeError("format")
    def startswith(self, *args):
        raise RuntimeError("startswith")
a, d, t, g = A(), D(k=torch.ones(1, requires_grad=True)), T(torch.ones(1), 2), G()
k = {K("k"): torch.ones(1)}
globals()[K("odd")] = 1
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], 0.1)
for _ in range(3):
    (w * w).sum().backward()
    optimizer.step()
print(w.tolist())

# %% param groups cleared in a hook
import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], 0.1)
optimizer.register_step_post_hook(lambda optimizer, args, kwargs: optimizer.param_groups.clear())
(w * w).sum().backward()
optimizer.step()
print(w.tolist())
(w * w).sum().backward()
print(w.grad.tolist())
