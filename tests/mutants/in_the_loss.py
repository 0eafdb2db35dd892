"""Mutations of the loss: what is put into it, its shape, its scale, its target, numbers that are none."""

from __future__ import annotations

from edits import Mutation, after, all_of, before, drop, each, put

_TRUE_CLASS = "[torch.arange(len(y)), y].mean()"

NORMALISED = (
    Mutation(
        "softmax before cross entropy",
        ("normalised-twice",),
        {
            "mlp": put("return self.head(x)", "return torch.softmax(self.head(x), dim=1)"),
            "gpt": put("return self.head(self.norm(x))", "return F.softmax(self.head(self.norm(x)), dim=-1)"),
            "lora": all_of(put("F.log_softmax", "F.softmax"), put("F.nll_loss", "F.cross_entropy")),
        },
    ),
    Mutation(
        "sigmoid before its loss with logits",
        ("normalised-twice",),
        {
            "convnet": put("return self.head(features)", "return torch.sigmoid(self.head(features))"),
            "vae": put("nn.Linear(32, 12))", "nn.Linear(32, 12), nn.Sigmoid())"),
            "gan": put("nn.Linear(32, 1)\n", "nn.Linear(32, 1), nn.Sigmoid()\n"),
        },
    ),
    Mutation(
        "log_softmax dropped before nll_loss",
        ("not-log-probabilities",),
        {
            "lora": put("F.log_softmax(self.head(hidden), dim=1)", "self.head(hidden)"),
            "mlp": put("F.cross_entropy", "F.nll_loss"),
            "gpt": put("loss = F.cross_entropy", "loss = F.nll_loss"),
        },
    ),
    Mutation(
        "softmax in place of log_softmax",
        ("not-log-probabilities",),
        {
            "lora": put("F.log_softmax", "F.softmax"),
            "mlp": put("F.cross_entropy(logits, y)", "F.nll_loss(torch.softmax(logits, dim=1), y)"),
        },
    ),
    Mutation(
        "log_softmax over the batch",
        ("softmax-wrong-dim",),
        {
            "lora": put("dim=1)", "dim=0)"),
            "mlp": put("F.cross_entropy(logits, y)", "F.nll_loss(F.log_softmax(logits, dim=0), y)"),
        },
    ),
    Mutation(
        "softmax over a single output",
        ("softmax-wrong-dim", "all-gradients-zero"),
        {
            "convnet": put("return self.head(features)", "return torch.softmax(self.head(features), dim=1)"),
            "gan": put("nn.Linear(32, 1)\n", "nn.Linear(32, 1), nn.Softmax(dim=1)\n"),
        },
    ),
    Mutation(
        "the likelihood minimised",
        ("likelihood-minimised",),
        {
            "by_hand": put("loss = -likelihood.mean()", "loss = likelihood.mean()"),
            "lora": put(
                "F.nll_loss(log_probabilities, labels)", "log_probabilities.gather(1, labels.unsqueeze(1)).mean()"
            ),
            "mlp": put("F.cross_entropy(logits, y)", f"F.log_softmax(logits, dim=1){_TRUE_CLASS}"),
        },
    ),
)

SHAPES = (
    Mutation(
        "a dimension left, so that labels broadcast",
        ("broadcast-loss",),
        {
            "lstm": put("self.out(mixed).squeeze(-1), state", "self.out(mixed), state"),
            "scaler": put("model(x).squeeze(1)", "model(x)"),
            "policy": put("self.critic(features).squeeze(1)", "self.critic(features)"),
            "dqn": put(".gather(1, actions.unsqueeze(1)).squeeze(1)", ".gather(1, actions.unsqueeze(1))"),
        },
    ),
    Mutation(
        "the loss not reduced",
        ("loss-not-scalar",),
        {
            "mlp": put("F.cross_entropy(logits, y)", 'F.cross_entropy(logits, y, reduction="none")'),
            "convnet": put("nn.BCEWithLogitsLoss()", 'nn.BCEWithLogitsLoss(reduction="none")'),
            "lstm": put("F.mse_loss(prediction, y)", "(prediction - y) ** 2"),
            "lora": put(
                "F.nll_loss(log_probabilities, labels)", 'F.nll_loss(log_probabilities, labels, reduction="none")'
            ),
            "by_hand": put("loss = -likelihood.mean()", "loss = -likelihood"),
        },
        raises=True,
    ),
)

SCALES = (
    Mutation(
        "backward with gradient=2",
        ("scaled-backward",),
        each(
            "mlp convnet lstm gpt vae dqn lora policy",
            put("loss.backward()", "loss.backward(gradient=torch.tensor(2.0))"),
        ),
    ),
    Mutation("accumulated, not divided", ("accumulated-sum",), {"scaler": drop("loss = loss / ACCUMULATED")}),
    Mutation(
        "backward on a part and on the whole",
        ("counted-twice",),
        {
            "vae": before("loss.backward()", "kl.backward(retain_graph=True)"),
            "policy": before("loss.backward()", "critic_loss.backward(retain_graph=True)"),
        },
    ),
    Mutation(
        "a term as a number",
        ("constant-in-loss",),
        {
            "vae": put("reconstruction + kl", "reconstruction + kl.item()"),
            "policy": put("0.5 * critic_loss", "0.5 * critic_loss.item()"),
        },
    ),
    Mutation(
        "every target masked away",
        ("all-gradients-zero",),
        {
            "mlp": put("F.cross_entropy(logits, y)", '(F.cross_entropy(logits, y, reduction="none") * (y > 2)).mean()'),
            "lstm": put("F.mse_loss(prediction, y)", "((prediction - y).pow(2) * (y > 3)).mean()"),
        },
    ),
    Mutation(
        "outputs rounded",
        ("all-gradients-zero", "gradient-never-reached"),
        {
            "scaler": put("model(x).squeeze(1)", "model(x).squeeze(1).round()"),
            "lstm": put("self.out(mixed).squeeze(-1)", "self.out(mixed).squeeze(-1).round()"),
        },
    ),
    Mutation(
        "a head that begins far too large",
        ("loss-at-start",),
        {
            "mlp": after("model = Net()", "nn.init.normal_(model.head.weight, std=20.0)"),
            "gpt": put("std=0.02)", "std=4.0)"),
        },
    ),
)

TARGETS = (
    Mutation(
        "the target net copied from itself",
        ("target-not-synced",),
        {"dqn": put("target.load_state_dict(policy.state_dict())", "target.load_state_dict(target.state_dict())")},
    ),
    Mutation(
        "the target net is the trained one",
        ("target-not-synced",),
        {"dqn": put("target = copy.deepcopy(policy)", "target = policy")},
    ),
    Mutation(
        "the target with its graph",
        ("target-requires-grad",),
        {
            "dqn": all_of(
                put("with torch.no_grad():\n        best = target(", "if True:\n        best = policy("),
            ),
        },
    ),
    Mutation(
        "detach called, its result dropped",
        ("detach-discarded",),
        {
            "dqn": all_of(
                put("with torch.no_grad():\n        best = target(", "if True:\n        best = policy("),
                after("best = policy(", "best.detach()"),
            ),
            "policy": put(
                "advantages = (rewards - values).detach()", "advantages = rewards - values\n    advantages.detach()"
            ),
        },
    ),
    Mutation(
        "detach called, its result dropped, and the graph gone",
        ("detach-discarded", "graph-reused"),
        {
            "gan": all_of(
                before("optimizer_d.zero_grad()", "fake.detach()"),
                put("discriminator(fake.detach())", "discriminator(fake)"),
            ),
            "lstm": put("state = tuple(part.detach() for part in state)", "[part.detach() for part in state]"),
        },
        raises=True,
    ),
)

NUMBERS = (
    Mutation(
        "log of a softmax of large numbers",
        ("not-finite",),
        {
            "lora": put(
                "F.log_softmax(self.head(hidden), dim=1)", "torch.log(torch.softmax(300 * self.head(hidden), dim=1))"
            ),
            "mlp": put(
                "F.cross_entropy(logits, y)",
                "-torch.log(torch.softmax(500 * logits, dim=1)[torch.arange(16), y]).mean()",
            ),
            "by_hand": put("torch.log_softmax(logits, dim=1)", "(900 * logits).softmax(dim=1).log()"),
        },
    ),
    Mutation(
        "log of a probability without eps",
        ("not-finite",),
        {
            "gan": put(
                "loss_d = F.binary_cross_entropy_with_logits(judged, ones)",
                "loss_d = -torch.log(torch.sigmoid(1000 * judged)).mean()",
            ),
        },
    ),
    Mutation("std of one sample", ("not-finite",), {"policy": put("BATCH = 32", "BATCH = 1")}, raises=True),
    Mutation(
        "square root at zero",
        ("not-finite",),
        {
            "lora": after("loss = F.nll_loss", "loss = loss + 0.01 * model.first.up.pow(2).sum().sqrt()"),
            "by_hand": after("loss = -likelihood", "loss = loss + 0.01 * b1.pow(2).sum().sqrt()"),
        },
    ),
    Mutation(
        "a constant column divided by its spread",
        ("not-finite",),
        {
            "mlp": before("train = ", "points[:, 5] = 1.0", "points = (points - points.mean(0)) / points.std(0)"),
            "lora": before("loader = ", "x[:, 7] = 1.0", "x = (x - x.mean(0)) / x.std(0)"),
            "by_hand": before("w1 = ", "x[:, 5] = 1.0", "x = (x - x.mean(0)) / x.std(0)"),
            "scaler": before("model = ", "inputs[:, 3] = 1.0", "inputs = (inputs - inputs.mean(0)) / inputs.std(0)"),
        },
    ),
)

MUTATIONS = (*NORMALISED, *SHAPES, *SCALES, *TARGETS, *NUMBERS)
