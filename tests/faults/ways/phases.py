Ways that are tried before each of the phases: the body of `hostile(step)` in a small training loop.

# %% nothing

# %% an exception that is caught
try:
    torch.ones(2) @ torch.ones(3)
except RuntimeError as error:
    print(str(error)[:20])

# %% an exception at the second step
if step == 1:
    raise ValueError("second step")

# %% exit at the second step
import sys
if step == 1:
    sys.exit(21)

# %% interrupted at the second step
if step == 1:
    raise KeyboardInterrupt

# %% a signal whose handler raises: quick
import os, signal
class Timeout(Exception):
    pass
def handler(*args):
    raise Timeout
signal.signal(signal.SIGALRM, handler)
try:
    os.kill(os.getpid(), signal.SIGALRM)
except Timeout:
    print("caught", step)

# %% streams closed
import sys
if step == 1:
    sys.stdout.flush()
    sys.stdout = None

# %% descriptors closed
import os
if step == 1:
    os.closerange(3, 4096)

# %% a fork
import os
if os.fork() == 0:
    loss = net(x).sum()
    loss.backward()
    os._exit(0)
os.wait()

# %% a thread trains: told
import threading
def work():
    net(x).sum().backward()
thread = threading.Thread(target=work)
thread.start()
thread.join()

# %% a backward between
net(x).sum().backward()

# %% a backward of another graph
w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
print(w.grad.tolist())

# %% weights by hand
with torch.no_grad():
    for p in net.parameters():
        p.mul_(0.9)

# %% weights by data
for p in net.parameters():
    p.data = p.data * 0.9

# %% gradients by hand
for p in net.parameters():
    p.grad = torch.ones_like(p)

# %% gradients gone
for p in net.parameters():
    p.grad = None

# %% weights freed and given back: quick
p = net[0].weight
kept, size = p.detach().clone(), p.untyped_storage().nbytes()
p.untyped_storage().resize_(0)
(torch.ones(2, requires_grad=True) ** 2).sum().backward()
p.untyped_storage().resize_(size)
p.data.copy_(kept)

# %% a parameter replaced
if step == 1:
    net[0].weight = nn.Parameter(torch.ones(4, 3))

# %% a module replaced
if step == 1:
    net[2] = nn.Linear(4, 1)

# %% modules deleted from sight
globals().pop("model", None)
for name in [name for name in globals() if name.startswith("spare")]:
    del globals()[name]
globals()[f"spare{step}"] = net

# %% param groups cleared
if step == 1:
    optimizer.param_groups.clear()

# %% a param group added
if step == 1:
    optimizer.add_param_group({"params": [torch.ones(2, requires_grad=True)], "lr": 0.5})

# %% optimizer state dropped
optimizer.state.clear()

# %% optimizer loaded
import copy
optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))

# %% a step that raises: quick
try:
    optimizer.step(lambda: 1 / 0)
except ZeroDivisionError:
    print("raised", step)

# %% grad mode left off and on
torch.set_grad_enabled(False)
net(x)
torch.set_grad_enabled(True)

# %% train and eval
net.train(step % 2 == 0)

# %% requires grad switched
for p in net[0].parameters():
    p.requires_grad_(step % 2 == 0)

# %% a patched backward: quick
if step == 1:
    original = torch.Tensor.backward
    torch.Tensor.backward = lambda self, *args, **kwargs: original(self * 2, *args, **kwargs)

# %% a patched forward
if step == 1:
    original = nn.Linear.forward
    nn.Linear.forward = lambda self, x: original(self, x) * 2

# %% hooks that come and go
for handle in globals().get("handles", []):
    handle.remove()
globals()["handles"] = [net[0].weight.register_hook(lambda grad: grad * 2), net[2].register_forward_hook(lambda m, i, o: o * 2)]

# %% dispatch mode inside
from torch.utils._python_dispatch import TorchDispatchMode
seen = []
class Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        seen.append(str(func))
        return func(*args, **(kwargs or {}))
with Mode():
    net(x).sum().backward()
print(seen)

# %% deep copy of all
import copy
other = copy.deepcopy((net, optimizer))
other[0](x).sum().backward()
other[1].step()

# %% garbage collected
import gc
gc.collect()
gc.freeze()

# %% recursion to the end
def endless():
    return endless()
try:
    endless()
except RecursionError as error:
    print(error)

# %% proxies in sight
class Proxy:
    __slots__ = ()
    @property
    def __dict__(self):
        raise RuntimeError("no dict")
    @property
    def __class__(self):
        raise RuntimeError("no class")
globals()["proxy"] = Proxy()

# %% random numbers
import random, numpy
print(random.random(), numpy.random.rand(), torch.rand(1).item()) if step else (random.seed(3), numpy.random.seed(3), torch.manual_seed(3))

# %% warnings raised
import warnings
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        (x * net[0].weight[0]).grad
    except UserWarning as error:
        print("warned")

# %% numpy writes
net[0].weight.detach().numpy()[0, 0] += 1

# %% nan and inf
with torch.no_grad():
    net[2].weight[0, step] = float("nan") if step == 1 else float("inf")
