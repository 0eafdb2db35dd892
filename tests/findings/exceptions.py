"""Small programs that torch ends with an exception, each with what has to be said of it."""

from __future__ import annotations

HEAD = """\
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
"""
"""Lines 1 to 5 of each; the first of its own is line 6."""

MODEL = """\
x, y = torch.randn(8, 3), torch.randn(8, 1)
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
"""
SCORES = "layer, x = nn.Linear(3, 5), torch.randn(4, 3)\n"

EXPLAINED: dict[str, tuple[str, tuple[str, ...]]] = {
    "linear": (
        "x = torch.randn(4, 6)\nnet = nn.Sequential(nn.Linear(5, 3), nn.ReLU())\nout = net(x)\n",
        ("linear (line 8) in net.0", "takes 5 features", "given 6", "x [4, 6] (line 6)", "nn.Linear(6, 3)"),
    ),
    "linear-in-a-model": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(100, 10)\n"
        "    def forward(self, image):\n        h = torch.relu(image)\n"
        "        return self.fc(h.view(h.size(0), -1))\n"
        "model = Net()\nout = model(torch.randn(2, 1, 8, 8))\n",
        ("linear (line 12) in model.fc", "h.view(h.size(0), -1) [2, 64]", "model.fc.weight [10, 100]", "(64, 10)"),
    ),
    "linear-after-an-op": (
        "net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 2))\nx = torch.randn(2, 3)\nout = net(x)\n",
        ("in net.2", "the result of relu [2, 4] (line 8)", "net.2.weight [2, 5]"),
    ),
    "linear-not-flattened": (
        "net, images = nn.Linear(48, 2), torch.randn(2, 3, 4, 4)\nout = net(images)\n",
        ("images [2, 3, 4, 4] (line 6)", "images.flatten(1)"),
    ),
    "linear-in-a-loader": (
        "from torch.utils.data import DataLoader, TensorDataset\n"
        "loader = DataLoader(TensorDataset(torch.randn(8, 6)), 4)\nnet = nn.Linear(5, 3)\n"
        "for (xb,) in loader:\n    out = net(xb)\n",
        ("line 10", "xb [4, 6] (line 9)"),
    ),
    "linear-unwatched": (
        "net, x = nn.Linear(5, 3), torch.randn(4, 6)\nfor i in range(3):\n    with torch.no_grad():\n"
        "        if i == 2:\n            net(x)\n        for _ in range(99):\n            x.exp()\n",
        ("linear (line 10) in net", "x [4, 6] (line 6)"),
    ),
    "matmul": (
        "a = torch.randn(4, 5)\nw = torch.randn(6, 5, requires_grad=True)\nout = a @ w\n",
        ("matmul (line 8)", "5, must be", "6: a [4, 5] (line 6), w [6, 5]", "a @ w.transpose(-1, -2)"),
    ),
    "bmm": (
        "q, k = torch.randn(2, 3, 4), torch.randn(2, 5, 4)\nscores = torch.bmm(q, k)\n",
        ("bmm (line 7)", "q [2, 3, 4] (line 6), k [2, 5, 4]", "q @ k.transpose(-1, -2)"),
    ),
    "matrix-and-vector": (
        "m, v = torch.randn(4, 5), torch.randn(3)\nm.mv(v)\n",
        ("5 columns meet 3", "v [3] (line 6)"),
    ),
    "einsum": (
        'a, b = torch.randn(2, 3), torch.randn(4, 5)\ntorch.einsum("ij,jk->ik", a, b)\n',
        ("einsum (line 7) was given shapes that do not fit", "a [2, 3] (line 6), b [4, 5] (line 6)"),
    ),
    "conv-channels-last": (
        "batch, conv = torch.randn(2, 8, 8, 3), nn.Conv2d(3, 8, 3)\nout = conv(batch)\n",
        ("conv2d (line 7) in conv takes 3 channels in dimension 1", "given 8", "batch.permute(0, 3, 1, 2)"),
    ),
    "conv-channels": (
        "batch, conv = torch.randn(2, 1, 8, 8), nn.Conv2d(3, 8, 3)\nout = conv(batch)\n",
        ("batch [2, 1, 8, 8] (line 6), conv.weight [8, 3, 3, 3]", "nn.Conv2d(1, 8, ...)"),
    ),
    "conv-dimensions": (
        "image, conv = torch.randn(8, 28), nn.Conv2d(1, 8, 3)\nout = conv(image)\n",
        ("takes 4 dimensions", "image [8, 28] (line 6)"),
    ),
    "kernel": (
        "small, conv = torch.randn(2, 3, 3, 3), nn.Conv2d(3, 8, 5)\nout = conv(small)\n",
        ("kernel larger than its input", "small [2, 3, 3, 3] (line 6), conv.weight [8, 3, 5, 5]"),
    ),
    "add": (
        "a = torch.randn(4, 5, requires_grad=True)\nb = torch.randn(4, 3)\nout = a * 2 + b\n",
        ("add (line 8): a * 2 [4, 5] (line 8) and b [4, 3] (line 7)", "in dimension 1"),
    ),
    "add-a-value-a-row": (
        "a, b = torch.randn(4, 5), torch.randn(4)\nout = a - b\n",
        ("sub (line 7): a [4, 5] (line 6) and b [4] (line 6)", "b.unsqueeze(-1)"),
    ),
    "cat": (
        "a, b = torch.randn(2, 3), torch.randn(2, 4)\nout = torch.cat([a, b])\n",
        ("cat (line 7)", "a [2, 3] (line 6) and b [2, 4]", "dim=1"),
    ),
    "stack": ("a, b = torch.randn(2), torch.randn(3)\ntorch.stack([a, b])\n", ("stack (line 7)", "a [2]", "b [3]")),
    "view": (
        "x = torch.randn(4, 5)\nout = x.view(3, 7)\n",
        ("view (line 7) to [3, 7] needs 21 elements, and there are 20: x [4, 5] (line 6)",),
    ),
    "view-of-a-transposed": ("x = torch.randn(4, 5).t()\nx.view(-1)\n", ("x [5, 4] (line 6)", "x.reshape(...)")),
    "setitem": ("a, b = torch.zeros(4, 5), torch.ones(3)\na[0] = b\n", ("line 7", "a [4, 5]", "b [3] (line 6)")),
    "batch": (
        SCORES + "y = torch.zeros(6, dtype=torch.long)\nF.cross_entropy(layer(x), y)\n",
        ("cross_entropy (line 8) compares 4 rows", "6 targets", "layer(x) [4, 5] (line 8), y [6] (line 7)"),
    ),
    "target-column": (
        SCORES + "y = torch.zeros(4, 1, dtype=torch.long)\nnn.CrossEntropyLoss()(layer(x), y)\n",
        ("one class number a row, shape [4]", "y [4, 1] (line 7)", "y.squeeze(1)"),
    ),
    "target-dtype": (
        SCORES + "y = torch.zeros(4)\nF.cross_entropy(layer(x), y)\n",
        ("class numbers (int64)", "y [4] float32 (line 7)", "y.long()"),
    ),
    "target-range": (
        SCORES + "y = torch.tensor([0, 2, 7, 1])\nF.cross_entropy(layer(x), y)\n",
        ("has 5 classes, 0 to 4", "y[2] is 7", "y [4] (line 7)", "8 outputs"),
    ),
    "target-counts-from-one": (
        SCORES + "y = torch.tensor([1, 5, 2, 5])\nF.cross_entropy(layer(x), y)\n",
        ("y[1] is 5 (1 more are out of range)", "use y - 1"),
    ),
    "target-negative": (
        SCORES + "y = torch.tensor([0, -1, 2, 3])\nF.nll_loss(F.log_softmax(layer(x), 1), y)\n",
        ("nll_loss (line 8)", "y[1] is -1", "ignore_index=-1"),
    ),
    "leaf-in-place": (
        "w = torch.ones(3, requires_grad=True)\nw.sum().backward()\nw -= 0.1 * w.grad\n",
        ("Line 8 writes in place to w [3] (line 6), a leaf that requires grad", "torch.no_grad()"),
    ),
    "view-of-a-leaf-in-place": (
        "w = torch.ones(3, requires_grad=True)\nw[:2].mul_(2)\n",
        ("Line 7 writes in place to w[:2] [2] (line 7), a part of a leaf",),
    ),
    "gather": (
        SCORES + "y = torch.tensor([0, 4, 5, 1])\nlayer(x).gather(1, y[:, None])\n",
        (
            "gather (line 8) looks along dimension 1 of layer(x) [4, 5]",
            "places, 0 to 4",
            "its index[2, 0] is 5",
            "(y[:, None] [4, 1])",
            "dimension 1 is the one",
        ),
    ),
    "index-in-brackets": (
        "x, rows = torch.randn(5, 3), torch.tensor([1, -5, 5])\nx[rows, 0]\n",
        ("getitem (line 7) looks along dimension 0 of x [5, 3]", "rows[2] is 5", "dimension 0 is the one"),
    ),
    "scatter": (
        "x, rows = torch.zeros(2, 3), torch.tensor([[0, 1], [2, -1]])\nx.scatter(1, rows, 1.0)\n",
        ("scatter (line 7) looks along dimension 1 of x [2, 3]", "rows[1, 1] is -1"),
    ),
    "mse-dtype": (
        "p, y = torch.rand(4, 1, requires_grad=True), torch.ones(4, 1).long()\nF.binary_cross_entropy(p * 1, y)\n",
        ("p * 1 [4, 1] float32 (line 7) and y [4, 1] int64 (line 6)", "y.float()"),
    ),
    "mse-shapes": (
        SCORES + "y = torch.randn(4, 3)\nF.mse_loss(layer(x), y)\n",
        ("mse_loss (line 8)", "layer(x) [4, 5] (line 8) and y [4, 3] (line 7)"),
    ),
    "bce-shapes": (
        SCORES + "y = torch.ones(4)\nF.binary_cross_entropy_with_logits(layer(x)[:, :1], y)\n",
        ("layer(x)[:, :1] [4, 1]", "y [4] (line 7)", "y.unsqueeze(-1)"),
    ),
    "double": (
        "a = np.random.randn(4, 3)\nx, layer = torch.from_numpy(a), nn.Linear(3, 2)\nlayer(x)\n",
        ("linear (line 8) in layer", "x [4, 3] float64 (line 7) and layer.weight [2, 3] float32", "x.float()"),
    ),
    "long": (
        "x, layer = torch.zeros(4, 3, dtype=torch.long), nn.Linear(3, 2)\nlayer(x)\n",
        ("x [4, 3] int64 (line 6)", "x.float()"),
    ),
    "conv-double": (
        "x, layer = torch.zeros(4, 3, 5, 5).double(), nn.Conv2d(3, 2, 3)\nlayer(x)\n",
        ("conv2d (line 7)", "x [4, 3, 5, 5] float64 (line 6)", "layer.weight [2, 3, 3, 3] float32"),
    ),
    "matmul-dtype": (
        "a, b = torch.randn(3, 3), torch.randn(3, 3).double()\na @ b\n",
        ("a [3, 3] float32 (line 6) and b [3, 3] float64 (line 6)", "b.float()"),
    ),
    "device": (
        'layer, x = nn.Linear(3, 2), torch.empty(4, 3, device="meta")\nlayer(x)\n',
        ("linear (line 7) in layer", "x [4, 3] meta (line 6) and layer.weight [2, 3] cpu", "x = x.to('cpu')"),
    ),
    "device-of-two": (
        'a, b = torch.randn(3, requires_grad=True), torch.empty(3, device="meta")\na + b\n',
        ("a [3] cpu (line 6) and b [3] meta (line 6)",),
    ),
    "one-value": (
        "net, x = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)), torch.randn(1, 3)\nnet(x)\n",
        ("net.1 (line 7)", "the result of linear [1, 4] (line 7)", "drop_last=True", ".eval()"),
    ),
    "one-position": (
        "norm, x = nn.InstanceNorm1d(5), torch.randn(2, 5, 1)\nnorm(x)\n",
        ("norm (line 7)", "x [2, 5, 1]"),
    ),
    "norm-channels": (
        "norm, x = nn.BatchNorm1d(5), torch.randn(4, 6)\nnorm(x)\n",
        ("batch_norm (line 7) in norm has 5 channels", "x [4, 6] (line 6)", "norm.weight [5]"),
    ),
    "norm-dimensions": ("norm, x = nn.BatchNorm2d(5), torch.randn(4, 5)\nnorm(x)\n", ("in norm", "x [4, 5]", "has 2")),
    "layer-norm": ("norm, x = nn.LayerNorm(5), torch.randn(4, 6)\nnorm(x)\n", ("x [4, 6] (line 6)", "nn.LayerNorm(6)")),
    "index": (
        "table = nn.Embedding(10, 3)\ntokens = torch.tensor([[1, 2], [3, 10]])\ntable(tokens)\n",
        ("table (line 8) has 10 entries, 0 to 9", "tokens[1, 1] is 10", "tokens [2, 2] (line 7)", "nn.Embedding(11"),
    ),
    "index-negative": (
        "table, tokens = nn.Embedding(10, 3), torch.tensor([4, -1])\nwith torch.no_grad():\n    table(tokens)\n",
        ("table (line 8)", "tokens[1] is -1", "negative"),
    ),
    "index-dtype": (
        "table, tokens = nn.Embedding(10, 3), torch.randn(3)\ntable(tokens)\n",
        ("embedding (line 7) in table", "tokens [3] float32 (line 6)", "tokens.long()"),
    ),
    "one-hot": ("y = torch.tensor([0, 5])\nF.one_hot(y, 3)\n", ("3 classes", "y[1] is 5", "num_classes=6")),
    "recurrent": ("rnn, x = nn.LSTM(3, 4), torch.randn(5, 2, 6)\nrnn(x)\n", ("in rnn takes 3 features", "given 6")),
    "hidden": (
        "rnn, x, h = nn.GRU(3, 4), torch.randn(5, 2, 3), torch.zeros(1, 3, 4)\nrnn(x, h)\n",
        ("in rnn", "h [1, 3, 4] (line 6) for x [5, 2, 3]"),
    ),
    "cell": ("cell, x = nn.GRUCell(3, 4), torch.randn(2, 5)\ncell(x)\n", ("in cell takes 3", "x [2, 5] (line 6)")),
    "attention": (
        "attend, x = nn.MultiheadAttention(8, 2), torch.randn(3, 2, 6)\nattend(x, x, x)\n",
        ("in attend takes 8 features", "x [3, 2, 6] (line 6)"),
    ),
}

CUT: dict[str, tuple[str, tuple[str, ...]]] = {
    "argmax": (
        "best = torch.argmax(net(x), 1).float()\nbest = best / 2\nbest.mean().backward()\n",
        ("Line 8", "argmax"),
    ),
    "item": (
        "loss = torch.tensor(F.mse_loss(net(x), y).item())\nloss.backward()\n",
        ("Line 8", ".item()", "tensor in"),
    ),
    "detach": ("out = net(x).detach()\nloss = (out - y).mean()\nloss.backward()\n", ("Line 8", ".detach() of net(x)")),
    "data": ("out = net(x).data\nloss = (out - y).mean()\nloss.backward()\n", ("Line 8", ".data of net(x)")),
    "no-grad": (
        "with torch.no_grad():\n    out = net(x)\nloss = (out - y).mean()\nloss.backward()\n",
        ("Line 8", "torch.no_grad() records no graph"),
    ),
    "no-grad-function": (
        "@torch.no_grad()\ndef predict(given):\n    return net(given)\n(predict(x) - y).mean().backward()\n",
        ("Line 8", "@torch.no_grad()"),
    ),
    "numpy": (
        "def middle(z):\n    z = z.detach().numpy()\n    return torch.from_numpy(np.clip(z, -1, 1))\n"
        "loss = middle(net(x)).mean()\nloss.backward()\n",
        ("Line 9", ".detach() of z"),
    ),
    "wrapped": ("out = torch.tensor([net(row) for row in x])\nout.mean().backward()\n", ("Line 8", "torch.tensor")),
    "list": (
        "losses = []\nfor row in x:\n    losses.append(net(row).item())\ntorch.tensor(losses).mean().backward()\n",
        ("Line 10", ".item() of net(row)"),
    ),
    "comparison": (
        "target = torch.tensor([1.0])\nhit = (net(x) > 0).float()\nloss = (hit - target).mean()\nloss.backward()\n",
        ("Line 9", "comparison of net(x)", "softmax"),
    ),
    "places": ("value, place = net(x).max(1)\nplace.float().mean().backward()\n", ("Line 8", "max(...)[1]")),
    "frozen": (
        "for item in net.parameters():\n    item.requires_grad_(False)\nloss = net(x).mean()\nloss.backward()\n",
        ("Every parameter of net", "frozen", "requires_grad_(True)"),
    ),
    "switched-off": (
        "torch.set_grad_enabled(False)\nloss = net(x).mean()\nloss.backward()\n",
        ("set_grad_enabled(False)", "not undone"),
    ),
    "module": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = nn.Linear(3, 4)\n"
        "        self.b = nn.Linear(4, 1)\n    def forward(self, given):\n        h = self.a(given).relu()\n"
        "        h = self.b(h)\n        return h.round().long().float()\nmodel = Net()\n"
        "def step(a, b):\n    out = model(a)\n    loss = F.mse_loss(out, b)\n    loss.backward()\nstep(x, y)\n",
        ("Line 16", ".long() of h.round()"),
    ),
    "unknown": ("loss = F.mse_loss(x[:, :1], y)\nloss.backward()\n", ("loss, to which no weight leads",)),
}

CHANGED: dict[str, tuple[str, tuple[str, ...]]] = {
    "add": (
        "w = torch.randn(3, requires_grad=True)\na = w.sigmoid()\na += 1\na.sum().backward()\n",
        ("a [3] as sigmoid (line 7) made it", "+= (line 8)", "a = a + ..."),
    ),
    "element": (
        "w = torch.randn(3, requires_grad=True)\na = w.exp()\nloss = (a * a).sum()\na[0] = 5.0\nloss.backward()\n",
        ("a [3] as mul (line 8) read it", "line 9 (a[0] = 5.0)", "torch.stack"),
    ),
    "relu": (
        "net = nn.Sequential(nn.Linear(3, 4), nn.Sigmoid(), nn.ReLU(inplace=True))\n"
        "net(torch.randn(2, 3)).sum().backward()\n",
        ("as sigmoid (line 7) made it", "relu (line 7)", "inplace=True"),
    ),
    "relu_": (
        "w = torch.randn(3, requires_grad=True)\na = w.sigmoid()\nb = a.relu_()\nb.sum().backward()\n",
        ("as sigmoid (line 7) made it", "relu_ (line 8)", "Use relu instead"),
    ),
    "view": (
        "w = torch.randn(3, requires_grad=True)\na = w.exp()\nb = a[0:1]\nb.mul_(2)\na.sum().backward()\n",
        ("a [3] as exp (line 7) made it", "mul_ (line 9)"),
    ),
    "weight": (
        "w = torch.randn(3, requires_grad=True)\nloss = (w * w).sum()\nwith torch.no_grad():\n"
        "    w += 1\nloss.backward()\n",
        ("w [3] as mul (line 7) read it", "(line 9)"),
    ),
    "data": (
        "x, net = torch.randn(5, 3), nn.Linear(3, 2)\nloss = net(x).sum()\nx.normal_()\nloss.backward()\n",
        ("x [5, 3] as linear (line 7) read it", "line 8 (x.normal_())"),
    ),
    "in-a-loop": (
        "h = torch.randn(3, requires_grad=True).sum()\nout = torch.zeros(4) * h\nfor i in range(1, 4):\n"
        "    out[i] = torch.tanh(out[i - 1] * h)\nout.sum().backward()\n",
        ("as mul (line 9) read it", "out[i] = torch.tanh"),
    ),
    "carried": (
        "cell, read = nn.GRUCell(3, 8), nn.Linear(8, 1)\n"
        "opt = torch.optim.Adam([*cell.parameters(), *read.parameters()])\n"
        "hx = torch.zeros(4, 8)\nfor step in range(5):\n    hx = cell(torch.randn(4, 3), hx)\n"
        "    loss = read(hx).mean()\n"
        "    opt.zero_grad()\n    loss.backward(retain_graph=True)\n    opt.step()\n",
        ("cell.weight_hh [24, 8] as gru_cell (line 10) read it", "Adam.step() (line 14)", "hx = hx.detach()"),
    ),
    "adversary": (
        "G, D = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))\n"
        "opt = torch.optim.SGD(D.parameters(), lr=0.1)\nfake = G(torch.randn(6, 2))\njudged = D(fake)\n"
        "D(fake.detach()).mean().backward()\nopt.step()\njudged.mean().backward()\n",
        ("D.2.weight [1, 8] as linear (line 9) read it", "SGD.step() (line 11)", "before step()"),
    ),
    "long-before": (
        "G, D = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 3)), nn.Linear(3, 1)\n"
        "opt = torch.optim.Adam([*G.parameters(), *D.parameters()])\nfake = G(torch.randn(6, 2))\n"
        "for step in range(3):\n    D(fake.detach()).mean().backward()\n    opt.step()\n"
        "    judged = D(fake).mean()\n    judged.backward(retain_graph=True)\n    opt.step()\n",
        (
            "goes back through fake (line 8), which linear (line 12) reads",
            "made once from G.2.weight [3, 4]",
            "Adam.step() (line 11) has changed since",
            "Make fake anew inside the loop",
        ),
    ),
}

REUSED: dict[str, tuple[str, tuple[str, ...]]] = {
    "hidden": (
        "wx, wh = torch.randn(3, 8, requires_grad=True), torch.randn(8, 8, requires_grad=True)\n"
        "h = torch.zeros(4, 8)\n"
        "for step in range(3):\n    h = torch.tanh(torch.randn(4, 3) @ wx + h @ wh)\n    h.mean().backward()\n",
        ("h, made by tanh (line 9) before the backward pass of line 10, is read by matmul (line 9)", "h = h.detach()"),
    ),
    "tuple": (
        "rnn, state = nn.LSTM(3, 8), None\nfor step in range(3):\n    out, state = rnn(torch.randn(5, 4, 3), state)\n"
        "    out.mean().backward()\n",
        ("state, made by lstm (line 8)", "tuple(part.detach() for part in state)"),
    ),
    "again": (
        "w = torch.randn(3, requires_grad=True)\nloss = w.exp().sum()\nfor step in range(3):\n    loss.backward()\n",
        ("called on loss again", "of line 9 has freed", "made once (line 7)", "inside the loop"),
    ),
    "shared": (
        "trunk, a, b = nn.Linear(3, 4), nn.Linear(4, 1), nn.Linear(4, 1)\nz = torch.tanh(trunk(torch.randn(5, 3)))\n"
        "one, two = a(z).pow(2).mean(), b(z).pow(2).mean()\none.backward()\ntwo.backward()\n",
        ("z (line 7) a second time", "of line 9", "(first + second).backward()"),
    ),
    "generator": (
        "G, D = nn.Sequential(nn.Linear(2, 2), nn.Tanh()), nn.Linear(2, 1)\nfake = G(torch.randn(6, 2))\n"
        "D(fake).mean().backward()\nloss = -D(fake).mean()\nloss.backward()\n",
        ("fake, made by tanh (line 7) before the backward pass of line 8, is read by linear (line 9)",),
    ),
    "long-before": (
        "G, D = nn.Sequential(nn.Linear(2, 2), nn.Tanh()), nn.Linear(2, 1)\n"
        "opt = torch.optim.SGD(D.parameters(), lr=0.1)\nfake = G(torch.randn(6, 2))\nfor step in range(3):\n"
        "    D(fake.detach()).mean().backward()\n    opt.step()\n    judged = D(fake).mean()\n"
        "    judged.backward()\n    opt.step()\n",
        (
            "backward() (line 13) goes through fake (line 8) again, which linear (line 12) reads",
            "made once",
            "Make fake anew inside the loop",
        ),
    ),
}

UNEXPLAINED = {
    "type": "1 + 'a'\n",
    "value": "int('x')\n",
    "key": "{}['missing']\n",
    "own": "raise RuntimeError('mat1 and mat2 shapes cannot be multiplied (4x6 and 5x3)')\n",
    "own-in-a-forward": (
        "class Net(nn.Module):\n    def forward(self, x):\n        x = x + 1\n"
        "        raise ValueError('Expected more than 1 value per channel when training')\nNet()(torch.randn(1, 2))\n"
    ),
    "own-index": "raise IndexError('Target 5 is out of bounds.')\n",
    "arguments": "nn.Linear(3, 2)(torch.randn(4, 3), torch.randn(4, 3))\n",
    "attribute": "nn.Linear(3, 2).weights\n",
    "dimension": "torch.randn(2, 3).sum(dim=3)\n",
    "list-index": "[1][4]\n",
    "tensor-index": "torch.randn(3, 4)[5]\n",
    "numpy": "np.ones((2, 3)) @ np.ones((4, 5))\n",
    "backward-of-the-user": (
        "class Twice(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * 2\n"
        "    @staticmethod\n    def backward(ctx, g):\n"
        "        raise RuntimeError('Trying to backward through the graph a "
        "second time')\nTwice.apply(torch.ones(1, requires_grad=True)).backward()\n"
    ),
    "wrapped": (
        "try:\n    torch.randn(4, 5) @ torch.randn(6, 3)\nexcept RuntimeError as error:\n"
        "    raise KeyError('no') from error\n"
    ),
    "exit": "raise SystemExit('mat1 and mat2 shapes cannot be multiplied (4x6 and 5x3)')\n",
    "state": "nn.Linear(3, 2).load_state_dict({'weight': torch.ones(3, 3), 'bias': torch.ones(2)})\n",
    "odd": ("class Odd(Exception):\n    def __str__(self):\n        return 'index out of range in self'\nraise Odd\n"),
}

CHECKPOINTED = """\
from torch.utils.checkpoint import checkpoint
layer = nn.Linear(3, 3)
def block(x):
    print("block")
    return torch.tanh(layer(x))
h = torch.randn(2, 3)
for step in range(2):
    h = checkpoint(block, h, use_reentrant=False)
    h.mean().backward()
"""
"""A hidden state that is carried over through code that autograd would run once more if it were asked."""
