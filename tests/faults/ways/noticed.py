Ways to notice that somebody watches.

# %% patched functions: quick
import torch
from torch import nn
import torch.nn.functional as F
calls = []
relu, linear_forward, softmax, item = F.relu, nn.Linear.forward, F.softmax, torch.Tensor.item
F.relu = lambda x, *args, **kwargs: calls.append("relu") or relu(x * 2, *args, **kwargs)
nn.Linear.forward = lambda self, x: calls.append("linear") or linear_forward(self, x)
F.softmax = lambda *args, **kwargs: calls.append("softmax") or softmax(*args, **kwargs)
grad = torch.autograd.grad
torch.autograd.grad = lambda *args, **kwargs: calls.append("grad") or grad(*args, **kwargs)
backward = torch.autograd.backward
torch.autograd.backward = lambda *args, **kwargs: calls.append("backward") or backward(*args, **kwargs)
split = torch.Tensor.split
torch.Tensor.split = lambda self, *args, **kwargs: calls.append("split") or split(self * 2, *args, **kwargs)
layer = nn.Linear(3, 3)
loss = F.softmax(F.relu(layer(torch.ones(2, 3))), dim=1).split(1, dim=1)[0].sum()
print(torch.autograd.grad(loss, layer.weight, retain_graph=True)[0].tolist())
loss.backward()
print(calls, loss.item())

# %% caught tracebacks: quick
import traceback
import torch
from torch import nn
import torch.nn.functional as F
w = torch.ones(2, 3, requires_grad=True)
net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
def tell(call):
    try:
        call()
    except Exception:
        traceback.print_exc()
tell(lambda: F.cross_entropy(w, torch.tensor([7, 8])))
tell(lambda: w @ w)
tell(lambda: (w * w).backward())
tell(lambda: net(torch.ones(1, 5)))
tell(lambda: torch.autograd.grad(w.sum(), torch.ones(1, requires_grad=True)))
tell(lambda: w.split(0.5))
loss = (w * w).sum()
loss.backward()
tell(lambda: loss.backward())
tell(lambda: torch.optim.SGD([w], 0.1).step(lambda: 1 / 0))
class F1(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        traceback.print_stack()
        return x * 2
    @staticmethod
    def backward(ctx, grad):
        traceback.print_stack()
        raise ValueError("in backward")
tell(lambda: F1.apply(w).sum().backward())

# %% anomaly mode: quick
import torch
import torch.nn.functional as F
w = torch.zeros(3, requires_grad=True)
with torch.autograd.detect_anomaly():
    y = F.relu(w)
    z = torch.sqrt(y) * 0
    z.sum().backward()

# %% stacks seen from everywhere: quick
import sys
import traceback
import torch
from torch import nn
def depth():
    frame, count = sys._getframe(1), 0
    while frame is not None and frame.f_code.co_name != "<module>":
        frame, count = frame.f_back, count + 1
    return count
def names():
    found = [frame.name for frame in traceback.extract_stack()][::-1]
    return found[1:found.index("<module>") + 1]
class Net(nn.Module):
    def forward(self, x):
        print("forward", depth(), names()[::-1])
        return x * 2
net = Net()
net.register_forward_hook(lambda *args: print("forward hook", depth()))
w = torch.ones(3, requires_grad=True)
net(w).sum().backward()
print(names(), sys._getframe().f_code.co_name)

# %% warnings that count frames: quick
import warnings
import torch
from torch import nn
class Net(nn.Module):
    def forward(self, x):
        for level in range(1, 5):
            warnings.warn(f"forward {level}", stacklevel=level)
        return x * 2
def hook(grad):
    for level in range(1, 6):
        warnings.warn(f"hook {level}", stacklevel=level)
w = torch.ones(3, requires_grad=True)
y = Net()(w)
y.register_hook(hook)
y.sum().backward()
w.grad = None
torch.autograd.grad(Net()(w).sum(), w)

# %% deep recursion: quick
import sys
import torch
from torch import nn
w = torch.ones(1, requires_grad=True)
def down(x, n):
    return down(x * w, n - 1) if n else torch.nn.functional.relu(x)
deepest = sys.getrecursionlimit()
print(deepest)
y = down(w, deepest - 12)
y.backward()
print(w.grad.item())
class Nest(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
    def forward(self, x):
        return self.inner(x) if self.inner is not None else x * w
net = None
for _ in range((deepest - 20) // 5):
    net = Nest(net)
w.grad = None
net(w).sum().backward()
print(w.grad.item())
sys.setrecursionlimit(200)
print(sys.getrecursionlimit(), down(w, 180).item())
def endless(n):
    return endless(n + 1)
try:
    endless(0)
except RecursionError as error:
    print(error)
del net
sys.setrecursionlimit(deepest)

# %% recursion without end: endless
import torch
w = torch.ones(1, requires_grad=True)
(w * w).backward()
def endless(x):
    return endless(x * w)
endless(w)

# %% the interpreter: quick
import os
import sys
import torch
print({key: value for key, value in os.environ.items() if "HASH" in key or "GRAD" in key}, sys.flags, os.path.basename(sys.path[0]))
print(sys.getrecursionlimit(), sys.gettrace(), sys.getprofile(), len(os.listdir("/proc/self/task")) < 9)
import subprocess
print(subprocess.run([sys.executable, "-c", "import sys; print(sys.flags.safe_path, sys.path[0])"], capture_output=True, text=True).stdout)
print(open(os.devnull).fileno())
w = torch.ones(1, requires_grad=True)
(w * w).backward()
