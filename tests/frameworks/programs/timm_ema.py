"""timm: a tiny ResNet with a moving average of its weights.

Library: timm
Phases: f b u f b u f b u
Loss: loss
"""

import sys

import timm
import torch
from timm.loss import LabelSmoothingCrossEntropy
from timm.optim import create_optimizer_v2
from timm.utils import ModelEmaV3

torch.manual_seed(7)
model = timm.create_model("test_resnet", pretrained=False, num_classes=5)
model_ema = ModelEmaV3(model, decay=0.99)
optimizer = create_optimizer_v2(model, opt="adamw", lr=1e-3, weight_decay=0.05)
train_loss_fn = LabelSmoothingCrossEntropy(0.1)
images, target = torch.randn(24, 3, 32, 32), torch.randint(0, 5, (24,))

losses = []
model.train()
for update in range(3):
    batch = slice(8 * update, 8 * update + 8)
    output = model(images[batch])
    loss = train_loss_fn(output, target[batch])  # the loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model_ema.update(model, step=update)
    losses.append(loss.item())

if len(sys.argv) > 1:
    weights = {"model": model.state_dict(), "ema": model_ema.module.state_dict()}
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": weights, "losses": losses, "names": names}, sys.argv[1])
