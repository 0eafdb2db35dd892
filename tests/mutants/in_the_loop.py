"""Mutations of the loop: gradients cleared, steps, schedules, clipping, modes, what is kept from pass to pass."""

from __future__ import annotations

from edits import Mutation, all_of, before, drop, each, move, put

TOO_FAR = ("overshoot", "exploding-gradient", "not-finite")
STANDS_STILL = ("weight-not-changed", "accumulation-lost")
_AT_ONCE = "weight.grad.zero_()"
_AGAIN = "scaler.update()\n            optimizer.zero_grad()"

CLEARING = (
    Mutation(
        "zero_grad dropped",
        ("stale-gradient",),
        each("mlp convnet lstm gpt vae dqn lora policy", drop("optimizer.zero_grad("))
        | {"gan": drop("optimizer_d.zero_grad()"), "by_hand": drop(_AT_ONCE), "scaler": put(_AGAIN, "scaler.update()")},
    ),
    Mutation(
        "zero_grad before the batch loop",
        ("stale-gradient",),
        {
            "mlp": move("optimizer.zero_grad()", ahead="for x, y in train:"),
            "convnet": move("optimizer.zero_grad()", ahead="for start in"),
            "lstm": move("optimizer.zero_grad()", ahead="for start in"),
            "vae": move("optimizer.zero_grad()", ahead="for (x,) in"),
            "lora": move("optimizer.zero_grad()", ahead="for inputs, labels"),
        },
    ),
    Mutation(
        "zero_grad for every micro-batch",
        ("accumulation-lost",),
        {"scaler": before("with torch.autocast(", "optimizer.zero_grad()")},
    ),
    Mutation(
        "zero_grad between backward and step",
        STANDS_STILL,
        each("mlp convnet lstm gpt vae dqn lora policy", move("optimizer.zero_grad(", ahead="optimizer.step()"))
        | {"gan": move("optimizer_g.zero_grad()", ahead="optimizer_g.step()")},
    ),
)

STEPPING = (
    Mutation(
        "step dropped",
        ("weight-not-changed",),
        each("mlp convnet lstm gpt vae dqn lora policy", drop("optimizer.step()"))
        | {"gan": drop("optimizer_g.step()"), "scaler": drop("scaler.step(optimizer)")},
    ),
    Mutation(
        "step once an epoch",
        ("accumulation-lost",),
        {
            "mlp": move("optimizer.step()", ahead="scheduler.step()"),
            "lstm": move("optimizer.step()", ahead="scheduler.step()"),
            "vae": move("optimizer.step()", ahead="print(epoch"),
            "lora": move("optimizer.step()", ahead="scheduler.step()"),
        },
    ),
    Mutation(
        "step before backward",
        STANDS_STILL,
        each("mlp convnet lstm gpt vae dqn lora policy", move("optimizer.step()", ahead="loss.backward()")),
    ),
    Mutation(
        "optimizer made anew for each update",
        ("optimizer-recreated",),
        {
            "mlp": before(
                "optimizer.zero_grad()", "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)"
            ),
            "convnet": before("optimizer.zero_grad()", "optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)"),
            "vae": move("optimizer = torch.optim.Adam", ahead="optimizer.zero_grad()"),
            "dqn": move("optimizer = torch.optim.Adam", ahead="optimizer.zero_grad()"),
            "lora": before("optimizer.zero_grad()", "optimizer = torch.optim.AdamW(trained, lr=1e-2)"),
            "policy": move("optimizer = torch.optim.RMSprop", ahead="optimizer.zero_grad()"),
        },
    ),
    Mutation(
        "update uphill",
        ("wrong-sign",),
        {
            "by_hand": put("weight -= rate", "weight += rate"),
            "vae": before("optimizer.step()", "for p in model.parameters():", "    p.grad.neg_()"),
            "mlp": before("optimizer.step()", "for p in model.parameters():", "    p.grad.neg_()"),
        },
    ),
)

RATES = (
    Mutation(
        "decay by epochs at every batch",
        ("learning-rate-gone", "weight-not-changed"),
        {
            "mlp": move("scheduler.step()", behind="optimizer.step()"),
            "lstm": move("scheduler.step()", behind="optimizer.step()"),
            "lora": all_of(move("scheduler.step()", behind="optimizer.step()"), put("step_size=2", "step_size=1")),
        },
    ),
    Mutation(
        "scheduler before optimizer",
        ("torch-warning",),
        {
            "mlp": move("scheduler.step()", ahead="model.train()"),
            "convnet": move("scheduler.step()", ahead="optimizer.zero_grad()"),
            "lstm": move("scheduler.step()", ahead="state = None"),
            "gpt": move("scheduler.step()", ahead="model.train()"),
            "lora": move("scheduler.step()", ahead="total = 0.0"),
        },
    ),
    Mutation(
        "scheduler never stepped", ("scheduler-idle",), each("mlp convnet lstm gpt lora", drop("scheduler.step()"))
    ),
    Mutation(
        "warm-up from zero never stepped",
        ("weight-not-changed", "scheduler-idle"),
        {"gpt": all_of(put("return (step + 1) / 5", "return step / 5"), drop("scheduler.step()"))},
    ),
    Mutation(
        "learning rate far too large",
        TOO_FAR,
        {
            "mlp": put("lr=0.1", "lr=50.0"),
            "by_hand": put("rate = 0.5", "rate = 50.0"),
            "vae": put("lr=5e-3", "lr=5.0"),
            "gpt": put("lr=3e-3", "lr=0.3"),
            "lora": put("lr=1e-2", "lr=10.0"),
            "lstm": put("lr=1e-2", "lr=10.0"),
            "dqn": put("lr=2e-3", "lr=2.0"),
        },
    ),
    Mutation(
        "learning rate far too small",
        ("step-too-small", "weight-not-changed"),
        {
            "mlp": put("lr=0.1", "lr=1e-9"),
            "by_hand": put("rate = 0.5", "rate = 1e-9"),
            "vae": put("lr=5e-3", "lr=1e-11"),
            "policy": put("lr=3e-3", "lr=1e-11"),
            "scaler": put("lr=0.2", "lr=1e-9"),
        },
    ),
    Mutation(
        "weight decay so large that weights swing",
        TOO_FAR,
        {
            "mlp": put("momentum=0.9", "momentum=0.9, weight_decay=50.0"),
            "vae": put(
                "torch.optim.Adam(model.parameters(), lr=5e-3)",
                "torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=500.0)",
            ),
        },
    ),
    Mutation(
        "loss times a thousand under plain SGD",
        TOO_FAR,
        {
            "by_hand": put("loss = -likelihood.mean()", "loss = -1000 * likelihood.mean()"),
            "mlp": all_of(put("loss = F", "loss = 1000 * F"), drop("clip_grad_norm_")),
            "scaler": all_of(put("loss = F", "loss = 1000 * F"), drop("clip_grad_norm_")),
        },
    ),
)

CLIPPING = (
    Mutation(
        "clip after the step",
        ("clip-without-effect",),
        {
            "mlp": move("clip_grad_norm_", behind="optimizer.step()"),
            "lstm": move("clip_grad_norm_", behind="optimizer.step()"),
            "gpt": move("clip_grad_norm_", behind="optimizer.step()"),
            "dqn": move("clip_grad_value_", behind="optimizer.step()"),
            "scaler": move("clip_grad_norm_", behind="scaler.step(optimizer)"),
        },
    ),
    Mutation(
        "clip before backward",
        ("clip-without-effect",),
        {
            "mlp": move("clip_grad_norm_", ahead="loss.backward()"),
            "lstm": move("clip_grad_norm_", ahead="loss.backward()"),
            "gpt": move("clip_grad_norm_", ahead="loss.backward()"),
        },
    ),
    Mutation(
        "clip before unscaling",
        ("clip-without-effect",),
        {"scaler": move("clip_grad_norm_", ahead="scaler.unscale_")},
    ),
    Mutation("unscaling dropped", ("clip-without-effect",), {"scaler": drop("scaler.unscale_")}),
)

MODES = (
    Mutation(
        "eval left on after the first evaluation",
        ("eval-while-training",),
        each("mlp convnet", move("model.train()", ahead="for epoch in"))
        | {"gpt": move("model.train()", ahead="for step in")},
    ),
    Mutation(
        "dropout always on",
        ("dropout-in-eval",),
        {
            "mlp": put("self.dropout(torch.relu(layer(x)))", "F.dropout(torch.relu(layer(x)), 0.1)"),
            "gpt": all_of(
                put(", nn.Dropout(0.1))", ")"), put("self.mlp(self.norm2(x))", "F.dropout(self.mlp(self.norm2(x)))")
            ),
        },
    ),
    Mutation(
        "evaluation in training mode, with graphs",
        ("validation-in-training",),
        each("mlp convnet gpt", all_of(drop("model.eval()"), put("with torch.no_grad():", "if True:"))),
    ),
    Mutation(
        "always the first batch",
        ("same-batch",),
        {
            "mlp": all_of(
                put(", batch_size=16, shuffle=True", ", batch_size=16"),
                before("optimizer.zero_grad()", "x, y = next(iter(train))"),
            ),
            "vae": all_of(
                put(", shuffle=True", ""), before("logits, mean, log_variance =", "(x,) = next(iter(loader))")
            ),
            "lora": all_of(
                put(", shuffle=True", ""), before("log_probabilities =", "inputs, labels = next(iter(loader))")
            ),
        },
    ),
)

KEPT = (
    Mutation(
        "the loss summed with its graph",
        ("graph-kept",),
        each("mlp convnet vae lora", put("total += loss.item()", "total += loss"))
        | {"lstm": put("running_loss += loss.item()", "running_loss += loss")},
    ),
    Mutation(
        "forward once, before the loop",
        ("graph-reused",),
        {
            "by_hand": move("rows = torch.randint", "loss = -likelihood", ahead="for step in"),
            "policy": move("context = torch.randn", "loss = -gain", ahead="for step in"),
            "gan": move("fake = generator(", ahead="for step in"),
        },
        raises=True,
    ),
    Mutation(
        "forward once, and the graph retained",
        ("changed-in-place",),
        {
            "by_hand": all_of(
                move("rows = torch.randint", "loss = -likelihood", ahead="for step in"),
                put("loss.backward()", "loss.backward(retain_graph=True)"),
            ),
            "policy": all_of(
                move("context = torch.randn", "loss = -gain", ahead="for step in"),
                put("loss.backward()", "loss.backward(retain_graph=True)"),
            ),
            "gan": all_of(
                move("fake = generator(", ahead="for step in"),
                put("loss_g.backward()", "loss_g.backward(retain_graph=True)"),
            ),
        },
        raises=True,
    ),
    Mutation("the state not detached", ("graph-reused",), {"lstm": drop("state = tuple(")}, raises=True),
    Mutation(
        "the state not detached, the graph retained",
        ("changed-in-place",),
        {"lstm": all_of(drop("state = tuple("), put("loss.backward()", "loss.backward(retain_graph=True)"))},
        raises=True,
    ),
    Mutation("the fake not detached", ("graph-reused",), {"gan": put("fake.detach()", "fake")}, raises=True),
)

MUTATIONS = (*CLEARING, *STEPPING, *RATES, *CLIPPING, *MODES, *KEPT)
