"""Mutations of the graph: chains that are cut, results that are changed after they were saved."""

from __future__ import annotations

from edits import Mutation, after, before, each, put, within

NEVER = ("gradient-never-reached",)
CUT = ("gradient-never-reached", "explained")

MUTATIONS = (
    Mutation(
        "detach in the middle",
        NEVER,
        {
            "mlp": put("self.head(x)", "self.head(x.detach())"),
            "convnet": put("self.head(features)", "self.head(features.detach())"),
            "lstm": put("self.mix(hidden[:, -1])", "self.mix(hidden[:, -1].detach())"),
            "gpt": put("self.head(self.norm(x))", "self.head(self.norm(x.detach()))"),
            "vae": put("self.encoder(x)", "self.encoder(x).detach()"),
            "dqn": put("self.value(self.features(states))", "self.value(self.features(states).detach())"),
            "lora": put("self.second(hidden)", "self.second(hidden.detach())"),
            "policy": put("self.body(x)", "self.body(x).detach()"),
            "gan": put("fooled = discriminator(fake)", "fooled = discriminator(fake.detach())"),
        },
    ),
    Mutation(
        ".data in the middle",
        NEVER,
        {
            "convnet": put("self.head(features)", "self.head(features.data)"),
            "lstm": put("self.mix(hidden[:, -1])", "self.mix(hidden.data[:, -1])"),
            "vae": put("self.encoder(x)", "self.encoder(x).data"),
            "lora": put("self.second(hidden)", "self.second(hidden.data)"),
        },
    ),
    Mutation(
        "through numpy and back",
        NEVER,
        {
            "mlp": put("self.head(x)", "self.head(torch.from_numpy(x.detach().numpy()))"),
            "vae": put("self.encoder(x)", "torch.from_numpy(self.encoder(x).detach().numpy())"),
            "lstm": put("self.mix(hidden[:, -1])", "self.mix(torch.from_numpy(hidden[:, -1].detach().numpy()))"),
        },
    ),
    Mutation(
        "wrapped in a new tensor",
        NEVER,
        {
            "convnet": put("self.encoder(x)", "torch.tensor(self.encoder(x))"),
            "policy": put("self.body(x)", "torch.tensor(self.body(x).tolist())"),
            "dqn": put("self.value(self.features(states))", "self.value(torch.tensor(self.features(states)))"),
        },
    ),
    Mutation(
        "the loss wrapped in a new tensor",
        NEVER,
        each("mlp lstm vae lora", before("loss.backward()", "loss = torch.tensor(loss.item(), requires_grad=True)")),
    ),
    Mutation(
        "the encoder under no_grad",
        NEVER,
        {
            "mlp": within("with torch.no_grad():", "for layer in self.hidden", "x = self.dropout("),
            "convnet": within("with torch.no_grad():", "features = self.encoder(x)"),
            "gpt": within("with torch.no_grad():", "x = self.token(tokens)"),
            "vae": within("with torch.no_grad():", "hidden = self.encoder(x)"),
            "policy": within("with torch.no_grad():", "features = self.body(x)"),
            "lora": within("with torch.no_grad():", "hidden = torch.relu(self.first(x))"),
            "lstm": within("with torch.no_grad():", "hidden, state = self.lstm("),
        },
    ),
    Mutation(
        "all of forward under no_grad",
        CUT,
        {
            "mlp": within("with torch.no_grad():", "logits = model(x)"),
            "lstm": within("with torch.no_grad():", "prediction, state = model("),
            "lora": within("with torch.no_grad():", "log_probabilities = model("),
        },
        raises=True,
    ),
    Mutation(
        "argmax in the loss",
        CUT,
        {
            "mlp": put("F.cross_entropy(logits, y)", "F.mse_loss(logits.argmax(1).float(), y.float())"),
            "lora": put(
                "F.nll_loss(log_probabilities, labels)", "(log_probabilities.argmax(1) != labels).float().mean()"
            ),
        },
        raises=True,
    ),
    Mutation(
        "changed in place after it was saved",
        ("changed-in-place",),
        {
            "lstm": after("mixed = torch.tanh(", "mixed += 0.1"),
            "vae": after("std = torch.exp(", "std += 1e-6", "std.clamp_(max=10.0)"),
            "gpt": after("weights = F.softmax(", "weights.mul_(0.9)"),
            "mlp": put("x = self.dropout(torch.relu(layer(x)))", "x = torch.relu(layer(x))\n            x += 0.1"),
            "policy": after("features = self.body(x)", "features.mul_(2.0)"),
        },
        raises=True,
    ),
)
