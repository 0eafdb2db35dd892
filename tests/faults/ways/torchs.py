Ways of torch: modes, subclasses, strange tensors, hooks of all kinds, functions of one's own.

# %% a function mode
import torch
from torch.overrides import TorchFunctionMode
seen = []
class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        seen.append(getattr(func, "__name__", "?"))
        return func(*args, **(kwargs or {}))
w = torch.ones(3, requires_grad=True)
with Mode():
    loss = torch.nn.functional.relu(w * w).sum()
    loss.backward()
    torch.autograd.grad((w * w).sum(), w)
print(seen)

# %% a function mode that raises
import torch
from torch.overrides import TorchFunctionMode
class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        raise ValueError(getattr(func, "__name__", "?"))
w = torch.ones(3, requires_grad=True)
try:
    with Mode():
        w * w
except ValueError as error:
    print(error)
(w * w).sum().backward()
with Mode():
    torch.nn.functional.relu(w)

# %% modes pushed and never popped
import torch
from torch.overrides import TorchFunctionMode
class Mode(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))
mode = Mode()
mode.__enter__()
w = torch.ones(3, requires_grad=True)
for _ in range(3):
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.1
print(w.tolist(), torch._C._len_torch_function_stack() > 0)

# %% functions disabled
import torch
w = torch.ones(3, requires_grad=True)
with torch._C.DisableTorchFunction():
    (w * w).sum().backward()
with torch._C.DisableTorchFunctionSubclass():
    (w * w).sum().backward()
print(w.grad.tolist())

# %% a dispatch mode that raises: quick
import torch
from torch.utils._python_dispatch import TorchDispatchMode
class Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if "mul" in str(func):
            raise ValueError(str(func))
        return func(*args, **(kwargs or {}))
w = torch.ones(3, requires_grad=True)
try:
    with Mode():
        (w + w).sum().backward()
        w * w
except ValueError as error:
    print(error)
(w * w).sum().backward()
print(w.grad.tolist())

# %% a dispatch mode around everything: quick
import collections, torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
count = collections.Counter()
class Mode(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        count[str(func)] += 1
        return func(*args, **(kwargs or {}))
net = nn.Sequential(nn.Linear(3, 200), nn.BatchNorm1d(200), nn.ReLU(), nn.Linear(200, 1))
optimizer = torch.optim.Adam(net.parameters())
with Mode():
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(torch.ones(4, 3)), torch.zeros(4, 1))
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
print(sorted(count.items()))

# %% flop counter
import torch
from torch.utils.flop_counter import FlopCounterMode
net = torch.nn.Linear(4, 4)
with FlopCounterMode(display=False) as counter:
    net(torch.ones(2, 4)).sum().backward()
print(counter.get_total_flops())

# %% a subclass that counts: quick
import torch
seen = []
class Counted(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        seen.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})
w = torch.ones(3).as_subclass(Counted).requires_grad_()
loss = (w * w).sum()
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad
(torch.nn.functional.relu(w) * 2).sum().backward()
print(seen)

# %% a wrapper subclass: quick
import torch
from torch.utils._pytree import tree_map
seen = []
class Wrapped(torch.Tensor):
    @staticmethod
    def __new__(cls, inner):
        made = torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype, requires_grad=inner.requires_grad)
        made.inner = inner.detach()
        return made
    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        seen.append(str(func))
        open_, close = lambda x: x.inner if isinstance(x, cls) else x, lambda x: cls(x) if isinstance(x, torch.Tensor) else x
        return tree_map(close, func(*tree_map(open_, args), **tree_map(open_, kwargs or {})))
w = Wrapped(torch.ones(3, requires_grad=True))
(w * w).sum().backward()
(w * w).sum().backward()
print(seen)

# %% fake and meta tensors: quick
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
w = torch.ones(3, device="meta", requires_grad=True)
(w * w).sum().backward()
print(w.grad)
with FakeTensorMode() as mode:
    v = torch.ones(3, requires_grad=True)
    loss = (v * v).sum()
    loss.backward()
print(type(v.grad).__name__)
u = torch.ones(2, requires_grad=True)
(u * u).sum().backward()
print(u.grad)

# %% sparse tensors: quick
import torch
i = torch.tensor([[0, 1, 1], [2, 0, 2]])
w = torch.sparse_coo_tensor(i, torch.ones(3), (2, 3)).requires_grad_()
c = torch.eye(3).to_sparse_csr().requires_grad_()
d = torch.ones(3, 2, requires_grad=True)
optimizer = torch.optim.SGD([d], 0.1)
for _ in range(2):
    (torch.sparse.mm(w, d).sum() + (c @ d).sum()).backward()
    optimizer.step()
e = torch.nn.Embedding(5, 2, sparse=True)
sparse = torch.optim.SparseAdam(e.parameters())
for _ in range(2):
    sparse.zero_grad()
    e(torch.tensor([1, 1, 3])).sum().backward()
    sparse.step()
print(d.tolist(), e.weight.tolist(), w.grad)

# %% complex conjugate and negative bits
import torch
w = torch.ones(3, dtype=torch.complex64, requires_grad=True)
for _ in range(2):
    (w.conj() * w * torch.tensor(1j)).imag.sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad.conj()
print(w)

# %% quantized tensors
import torch
q = torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8)
w = torch.ones(4, requires_grad=True)
for _ in range(2):
    (w * q.dequantize()).sum().backward()
fake = torch.fake_quantize_per_tensor_affine(w, 0.1, 0, -128, 127)
fake.sum().backward()
print(q, w.grad)

# %% odd dtypes
import torch
for dtype in (torch.float16, torch.bfloat16, torch.float64, torch.complex32, torch.float8_e4m3fn):
    w = torch.ones(3).to(dtype).requires_grad_()
    try:
        (w.to(torch.float32 if not dtype.is_complex else torch.complex64) * 2).abs().sum().backward()
        print(dtype, w.grad.float() if not dtype.is_complex else w.grad)
    except Exception as error:
        print(dtype, type(error))
n = torch.tensor([1, 2], dtype=torch.uint64)
(torch.ones(2, requires_grad=True) * n.float()).sum().backward()

# %% empty and zero dimensional
import torch
w = torch.ones(0, 3, requires_grad=True)
s = torch.tensor(2.0, requires_grad=True)
optimizer = torch.optim.SGD([w, s], 0.1)
for _ in range(3):
    optimizer.zero_grad()
    (w.sum() + s * s).backward()
    optimizer.step()
print(w.grad, s)

# %% views and expanded memory
import torch
base = torch.ones(1, requires_grad=True)
w = base.expand(1000)
for _ in range(2):
    (w * torch.as_strided(base, (3, 3), (0, 0)).sum()).sum().backward()
print(base.grad)

# %% memory freed and given back: quick
import torch
w = torch.ones(300, requires_grad=True)
size = w.untyped_storage().nbytes()
for _ in range(3):
    (w * w).sum().backward()
    w.untyped_storage().resize_(0)
    v = torch.ones(2, requires_grad=True)
    (v * v).sum().backward()
    w.untyped_storage().resize_(size)
    with torch.no_grad():
        w.fill_(2.0)
print(w.sum().item(), w.grad.sum().item())

# %% a gradient whose memory is freed
import torch
w = torch.ones(300, requires_grad=True)
x = torch.ones(300)
optimizer = torch.optim.SGD([w], 0.1)
for _ in range(2):
    (w * x).sum().backward()
    optimizer.step()
    w.grad.untyped_storage().resize_(0)
    w.grad = None
    x.untyped_storage().resize_(0)
    x = torch.ones(300)
print(w.sum().item())

# %% numpy shares memory
import torch
w = torch.ones(3, requires_grad=True)
a = w.detach().numpy()
for _ in range(3):
    (w * w).sum().backward()
    a -= 0.1 * w.grad.numpy()
    w.grad = None
print(w.tolist())

# %% a storage that is resized later
import torch
w = torch.ones(64, requires_grad=True)
x = torch.ones(64)
(w * x).sum().backward()
x.resize_(128)
w.grad.resize_(0)
w.data.resize_(8)
print(x.shape, w.shape)

# %% hooks of all kinds: quick
import torch
from torch import nn
seen = []
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
net[0].register_forward_pre_hook(lambda m, i: seen.append("pre") or (i[0] * 2,))
net[0].register_forward_hook(lambda m, i, o: seen.append("forward") or o * 2)
net[2].register_full_backward_hook(lambda m, i, o: seen.append("full") or (i[0] * 2,))
net[2].register_full_backward_pre_hook(lambda m, o: seen.append("full pre") or (o[0] * 2,))
nn.modules.module.register_module_forward_hook(lambda m, i, o: seen.append(type(m).__name__))
w = net[0].weight
w.register_hook(lambda grad: seen.append("tensor") or grad * 2)
w.register_post_accumulate_grad_hook(lambda p: seen.append("post") or p.grad.mul_(2))
for _ in range(2):
    loss = net(torch.ones(1, 2)).sum()
    loss.grad_fn.register_hook(lambda i, o: seen.append("node") or None)
    loss.grad_fn.register_prehook(lambda o: seen.append("node pre") or (o[0] * 2,))
    loss.backward()
print(seen, w.grad.tolist(), w._backward_hooks is not None, len(w._post_accumulate_grad_hooks))

# %% hooks that raise
import torch
from torch import nn
w = torch.ones(2, requires_grad=True)
def bad(*args):
    raise ValueError("hook")
for register in (w.register_hook, w.register_post_accumulate_grad_hook, lambda h: (w * w).grad_fn.register_hook(h)):
    handle = register(bad)
    try:
        (w * w).sum().backward()
    except ValueError as error:
        print(error)
    handle.remove()
net = nn.Linear(2, 1)
for register in (net.register_forward_hook, net.register_forward_pre_hook, net.register_full_backward_hook):
    handle = register(bad)
    try:
        net(w).sum().backward()
    except ValueError as error:
        print(error)
    handle.remove()
net(w).sum().backward()
print(w.grad.tolist(), net.weight.grad.tolist())

# %% hooks that remove themselves and others
import torch
w = torch.ones(2, requires_grad=True)
handles = []
handles.append(w.register_hook(lambda grad: [handle.remove() for handle in handles] and None))
handles.append(w.register_hook(lambda grad: grad * 100))
for _ in range(2):
    (w * w).sum().backward()
w.register_hook(lambda grad: setattr(w, "grad", None))
(w * w).sum().backward()
print(w.grad)

# %% hooks run backward again
import torch
w, v = (torch.ones(2, requires_grad=True) for _ in range(2))
w.register_hook(lambda grad: (v * v).sum().backward())
for _ in range(2):
    (w * w).sum().backward()
print(w.grad, v.grad)

# %% an optimizer step that raises: quick
import torch
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w], 0.1)
for n in range(4):
    loss = (w * w).sum()
    optimizer.zero_grad()
    loss.backward()
    try:
        optimizer.step((lambda: 1 / 0) if n == 1 else None)
    except ZeroDivisionError as error:
        print(error)
print(w.tolist())

# %% optimizers that are odd
import torch
w = torch.ones(2, requires_grad=True)
class Mine(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": "fast", "maximize": torch.ones(3)})
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.data.sub_(p.grad)
        return "stepped"
mine = Mine([w])
class Fake:
    param_groups = []
    def step(self):
        w.data.mul_(2)
for _ in range(2):
    mine.zero_grad()
    (w * w).sum().backward()
    print(mine.step())
    Fake().step()
mine.param_groups = []
mine.step()
print(w.tolist())

# %% closures
import torch
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.LBFGS([w], max_iter=3)
def closure():
    optimizer.zero_grad()
    loss = ((w - 3) ** 2).sum()
    loss.backward()
    return loss
for _ in range(2):
    print(optimizer.step(closure).item())

# %% functions of one's own that fail
import torch
class Bad(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, where):
        ctx.where = where
        if where == "forward":
            raise ValueError("forward")
        return x * 2
    @staticmethod
    def backward(ctx, grad):
        if ctx.where == "backward":
            raise ValueError("backward")
        return (grad, None, None) if ctx.where == "many" else (None, None) if ctx.where == "none" else (grad.double(), None)
w = torch.ones(2, requires_grad=True)
for where in ("forward", "backward", "many", "none", "double"):
    try:
        Bad.apply(w, where).sum().backward()
    except Exception as error:
        print(type(error).__name__, str(error).splitlines()[0])
    print(where, w.grad)

# %% a function patched on its class
import torch
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, grad):
        return grad * 2
count = 0
apply = Twice.apply
def counted(x):
    global count
    count += 1
    return apply(x)
Twice.apply = counted
w = torch.ones(2, requires_grad=True)
Twice.apply(w).sum().backward()
print(count, w.grad)

# %% changed in place
import torch
w = torch.ones(2, requires_grad=True)
y = torch.exp(w)
y.add_(1)
y.sum().backward()

# %% backward twice
import torch
w = torch.ones(2, requires_grad=True)
loss = (w * w).sum()
loss.backward()
loss.backward()

# %% no scalar
import torch
w = torch.ones(2, requires_grad=True)
(w * w).backward()

# %% no graph
import torch
torch.ones(2).sum().backward()

# %% checkpoints and saved hooks
import torch
from torch.utils.checkpoint import checkpoint
w = torch.ones(2, requires_grad=True)
count = [0, 0]
def block(x):
    count[0] += 1
    return torch.tanh(x * w)
def pack(x):
    count[1] += 1
    return x
for reentrant in (True, False):
    checkpoint(block, torch.ones(2, requires_grad=True), use_reentrant=reentrant).sum().backward()
with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
    block(w).sum().backward()
print(count, w.grad)

# %% transforms
import torch
from torch.func import functional_call, grad, jacrev, vmap
net = torch.nn.Linear(2, 1)
params = dict(net.named_parameters())
def loss(params, x):
    return functional_call(net, params, (x,)).sum()
print(grad(loss)(params, torch.ones(2)))
print(vmap(grad(loss), (None, 0))(params, torch.ones(3, 2))["weight"].shape, jacrev(lambda x: x * x)(torch.ones(2)))
net(torch.ones(2)).backward()

# %% inference mode and grad modes
import torch
w = torch.ones(2, requires_grad=True)
with torch.inference_mode():
    x = torch.ones(2)
    y = w * x
print(y.is_inference(), torch.is_grad_enabled())
with torch.no_grad(), torch.enable_grad():
    (w * w).sum().backward()
torch.set_grad_enabled(False)
z = w * w
torch.set_grad_enabled(True)
try:
    (w * y).sum().backward()
except RuntimeError as error:
    print(str(error)[:40])
print(z.requires_grad, w.grad)

# %% parametrizations and weight norm
import torch
from torch import nn
from torch.nn.utils import parametrizations
net = parametrizations.weight_norm(nn.Linear(2, 2))
optimizer = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(3):
    optimizer.zero_grad()
    net(torch.ones(1, 2)).sum().backward()
    optimizer.step()
print(net.weight)

# %% lazy modules
import torch
from torch import nn
net = nn.Sequential(nn.LazyLinear(3), nn.LazyBatchNorm1d(), nn.LazyLinear(1))
for _ in range(2):
    net(torch.ones(4, 2)).sum().backward()
print(net)

# %% scripted and traced
import torch
@torch.jit.script
def scripted(x):
    return x * x + 1
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)
    def forward(self, x):
        return torch.relu(self.fc(x))
net = Net()
traced = torch.jit.trace(net, torch.ones(1, 2))
script = torch.jit.script(net)
w = torch.ones(2, requires_grad=True)
for call in (scripted, traced, script):
    call(w.reshape(1, 2)).sum().backward()
print(w.grad, [name for name, _ in script.named_parameters()])

# %% default device and dtype
import torch
torch.set_default_dtype(torch.float64)
torch.set_default_device("cpu")
w = torch.ones(2, requires_grad=True)
for _ in range(2):
    (w * torch.rand(2)).sum().backward()
print(w.grad.dtype, torch.get_default_device())

# %% deterministic and anomaly
import torch
torch.use_deterministic_algorithms(True)
torch.autograd.set_detect_anomaly(True)
w = torch.ones(2, requires_grad=True)
for _ in range(2):
    torch.log(w * 2).sum().backward()
print(w.grad)

# %% tensors patched
import torch
calls = []
for name in ("detach", "numel", "item", "tolist", "clone", "__mul__", "requires_grad_", "view", "shape_of"):
    old = getattr(torch.Tensor, name, None)
    def patched(self, *args, old=old, name=name, **kwargs):
        calls.append(name)
        return old(self, *args, **kwargs)
    setattr(torch.Tensor, name, patched)
w = torch.ones(2, requires_grad=True)
loss = (w * w).sum()
loss.backward()
optimizer = torch.optim.SGD([w], 0.1)
optimizer.step()
(w * w).sum().backward()
print(len(calls) > 0, w.tolist())

# %% torch functions patched
import torch
calls = []
for name in ("equal", "stack", "is_grad_enabled", "zeros", "ones_like", "zeros_like", "tensor", "isnan", "no_grad"):
    old = getattr(torch, name)
    def patched(*args, old=old, name=name, **kwargs):
        calls.append(name)
        return old(*args, **kwargs)
    setattr(torch, name, patched)
w = torch.tensor([1.0, 2.0], requires_grad=True)
for _ in range(2):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
print(len(calls) > 0, w.tolist())

# %% memory formats and pinned
import torch
conv = torch.nn.Conv2d(2, 3, 3).to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(conv.parameters(), 0.1)
for _ in range(2):
    optimizer.zero_grad()
    conv(torch.ones(1, 2, 5, 5).to(memory_format=torch.channels_last)).sum().backward()
    optimizer.step()
print(conv.weight.stride(), conv.weight.sum().item())

# %% grad of grads and retained
import torch
w = torch.ones(2, requires_grad=True)
y = (w ** 3).sum()
(g,) = torch.autograd.grad(y, w, create_graph=True)
g.retain_grad()
(g * g).sum().backward()
print(w.grad, g.grad)
torch.autograd.backward([w.sum(), (w * 2).sum()], inputs=[w])
print(w.grad)

# %% many threads of torch
import torch
w = torch.ones(400, 400, requires_grad=True)
torch.set_num_threads(2)
for _ in range(2):
    (w @ w).sum().backward()
print(w.grad.sum().item(), torch.get_num_threads())
