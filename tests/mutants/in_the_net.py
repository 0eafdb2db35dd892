"""Mutations of the net: parameters that are none or are not trained, initial values, shapes."""

from __future__ import annotations

from edits import Mutation, after, all_of, before, put

NEVER = ("gradient-never-reached",)

PARAMETERS = (
    Mutation(
        "layers in a list",
        NEVER,
        {
            "mlp": put("nn.ModuleList([nn.Linear(6, 24), nn.Linear(24, 24)])", "[nn.Linear(6, 24), nn.Linear(24, 24)]"),
            "gpt": put("nn.ModuleList([Block(), Block()])", "[Block(), Block()]"),
        },
    ),
    Mutation(
        "a parameter as a buffer",
        ("buffer-not-trained",),
        {
            "gpt": put(
                "self.position = nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)",
                'self.register_buffer("position", torch.randn(LENGTH, WIDTH) * 0.02)',
            ),
            "lora": put(
                "self.down = nn.Parameter(torch.randn(rank, base.in_features) * 0.1)",
                'self.register_buffer("down", torch.randn(rank, base.in_features) * 0.1)',
            ),
        },
    ),
    Mutation(
        "a parameter as a plain tensor",
        ("gradient-never-reached", "buffer-not-trained"),
        {
            "gpt": put(
                "nn.Parameter(torch.randn(LENGTH, WIDTH) * 0.02)", "torch.randn(LENGTH, WIDTH, requires_grad=True)"
            ),
            "lora": put(
                "nn.Parameter(torch.zeros(base.out_features, rank))",
                "torch.zeros(base.out_features, rank, requires_grad=True)",
            ),
        },
    ),
    Mutation(
        "frozen by an attribute of the module",
        ("freeze-no-effect",),
        {
            "lora": put(
                "for parameter in layer.base.parameters():\n        parameter.requires_grad = False",
                "layer.base.requires_grad = False",
            ),
            "mlp": after("model = Net()", "model.hidden[0].requires_grad = False"),
            "convnet": after("model = Segmenter()", "model.encoder.requires_grad = False"),
            "gpt": after("model = GPT()", "model.token.requires_grad = False"),
            "vae": after("model = VAE()", "model.encoder.requires_grad = False"),
        },
    ),
    Mutation(
        "the head frozen",
        ("head-frozen",),
        {
            "mlp": after("model = Net()", "model.head.requires_grad_(False)"),
            "convnet": after("model = Segmenter()", "model.head.requires_grad_(False)"),
            "lora": after("model = Classifier()", "model.head.requires_grad_(False)"),
            "lstm": after("model = Forecaster()", "model.out.requires_grad_(False)"),
        },
    ),
    Mutation(
        "the model replaced after its optimizer was made",
        NEVER,
        {
            "mlp": after("optimizer = ", "model = Net()"),
            "convnet": after("optimizer = ", "model = Segmenter()"),
            "lstm": after("optimizer = ", "model = Forecaster()"),
            "vae": after("optimizer = ", "model = VAE()"),
            "policy": after("optimizer = ", "policy = Policy()"),
            "gan": after("optimizer_g = ", "generator = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))"),
        },
    ),
    Mutation(
        "the head replaced after its optimizer was made",
        NEVER,
        {
            "mlp": after("optimizer = ", "model.head = nn.Linear(24, 3)"),
            "convnet": after("optimizer = ", "model.head = nn.Conv2d(8, 1, 1)"),
            "dqn": after("optimizer = ", "policy.value = nn.Linear(32, 2)"),
            "lora": after("optimizer = ", "model.head = nn.Linear(24, 3)"),
        },
    ),
    Mutation(
        "the optimizer has a part of the parameters",
        NEVER,
        {
            "mlp": put("SGD(model.parameters()", "SGD(model.hidden.parameters()"),
            "convnet": put("AdamW(model.parameters()", "AdamW(model.encoder.parameters()"),
            "lstm": put("Adam(model.parameters()", "Adam(model.lstm.parameters()"),
            "vae": put("Adam(model.parameters()", "Adam(model.decoder.parameters()"),
            "policy": put("RMSprop(policy.parameters()", "RMSprop(policy.actor.parameters()"),
        },
    ),
    Mutation(
        "the optimizer has another net's parameters",
        NEVER,
        {
            "gan": put("Adam(discriminator.parameters()", "Adam(generator.parameters()"),
            "dqn": put("Adam(policy.parameters()", "Adam(target.parameters()"),
        },
    ),
    Mutation(
        "weights that are no leaves",
        ("grad-of-non-leaf",),
        {"by_hand": put("(torch.randn(6, 20) * 0.4).requires_grad_()", "torch.randn(6, 20, requires_grad=True) * 0.4")},
        raises=True,
    ),
    Mutation(
        "tied by a copy",
        ("tied-by-copy",),
        {
            "gpt": put(
                "self.head.weight = self.token.weight",
                "self.head.weight = nn.Parameter(self.token.weight.detach().clone())",
            )
        },
    ),
)

VALUES = (
    Mutation(
        "all weights zero",
        ("all-zero-initialisation",),
        {
            "mlp": before("optimizer = ", "for p in model.parameters():", "    nn.init.zeros_(p)"),
            "vae": before("optimizer = ", "for p in model.parameters():", "    nn.init.zeros_(p)"),
            "lstm": before("optimizer = ", "for p in model.parameters():", "    nn.init.zeros_(p)"),
            "policy": before("optimizer = ", "for p in policy.parameters():", "    nn.init.zeros_(p)"),
            "dqn": before("target = ", "for p in policy.parameters():", "    nn.init.zeros_(p)"),
            "scaler": before("optimizer = ", "for p in model.parameters():", "    nn.init.zeros_(p)"),
            "by_hand": all_of(
                put("torch.randn(6, 20) * 0.4", "torch.zeros(6, 20)"),
                put("torch.randn(20, 3) * 0.2", "torch.zeros(20, 3)"),
            ),
        },
    ),
    Mutation(
        "all weights equal",
        ("all-zero-initialisation",),
        {
            "vae": before("optimizer = ", "for p in model.parameters():", "    nn.init.constant_(p, 0.1)"),
            "scaler": before("optimizer = ", "for p in model.parameters():", "    nn.init.constant_(p, 0.1)"),
            "dqn": before("target = ", "for p in policy.parameters():", "    nn.init.constant_(p, 0.1)"),
            "policy": before("optimizer = ", "for p in policy.parameters():", "    nn.init.constant_(p, 0.1)"),
            "by_hand": all_of(
                put("torch.randn(6, 20) * 0.4", "torch.full((6, 20), 0.1)"),
                put("torch.randn(20, 3) * 0.2", "torch.full((20, 3), 0.1)"),
            ),
        },
    ),
    Mutation(
        "inputs not normalised",
        ("saturated",),
        {
            "policy": put("torch.randn(BATCH, 4)", "torch.randn(BATCH, 4) * 255"),
        },
    ),
    Mutation(
        "weights that begin far too large",
        ("saturated",),
        {
            "policy": after("policy = Policy()", "nn.init.normal_(policy.body[0].weight, std=100.0)"),
            "lstm": after("model = Forecaster()", "nn.init.normal_(model.mix.weight, std=300.0)"),
        },
    ),
    Mutation(
        "ReLU at the output",
        ("dead-units", "all-gradients-zero"),
        {"dqn": put("self.value(self.features(states))", "torch.relu(self.value(self.features(states)))")},
    ),
    Mutation(
        "backward of a Function ignores what comes from above",
        ("wrong-backward",),
        {"by_hand": put("return upstream * (gate", "return (gate")},
    ),
    Mutation(
        "backward of a Function lacks a term",
        ("wrong-backward",),
        {"by_hand": put("upstream * (gate + x * gate * (1 - gate))", "upstream * (x * gate * (1 - gate))")},
    ),
)

SHAPES = (
    Mutation(
        "layers that do not fit",
        ("explained",),
        {
            "mlp": put("self.head = nn.Linear(24, 3)", "self.head = nn.Linear(32, 3)"),
            "convnet": put("self.head = nn.Conv2d(8, 1, 1)", "self.head = nn.Conv2d(6, 1, 1)"),
            "vae": put("nn.Linear(3, 32)", "nn.Linear(6, 32)"),
            "lora": put("x @ self.down.T @ self.up.T", "x @ self.down @ self.up.T"),
        },
        raises=True,
    ),
    Mutation(
        "numbers of another type",
        ("explained",),
        {
            "mlp": put("points = torch.randn(160, 6)", "points = torch.randn(160, 6).double()"),
            "lora": put("F.nll_loss(log_probabilities, labels)", "F.nll_loss(log_probabilities, labels.float())"),
            "gpt": put("logits = model(tokens)", "logits = model(tokens.float())"),
        },
        raises=True,
    ),
    Mutation(
        "an index out of range",
        ("explained",),
        {
            "gpt": put("nn.Embedding(VOCABULARY, WIDTH)", "nn.Embedding(VOCABULARY - 1, WIDTH)"),
            "dqn": put("gather(1, actions.unsqueeze(1))", "gather(1, actions.unsqueeze(1) + 1)"),
        },
        raises=True,
    ),
    Mutation(
        "a class out of range",
        ("explained",),
        {
            "mlp": put("F.cross_entropy(logits, y)", "F.cross_entropy(logits, y + 1)"),
            "lora": put("nn.Linear(24, 3)", "nn.Linear(24, 2)"),
            "gpt": put("targets.reshape(-1))", "targets.reshape(-1) + 1)"),
        },
        raises=True,
    ),
    Mutation(
        "an update by hand that is recorded",
        ("explained", "changed-in-place"),
        {"by_hand": put("with torch.no_grad():", "if True:")},
        raises=True,
    ),
)

MUTATIONS = (*PARAMETERS, *VALUES, *SHAPES)
