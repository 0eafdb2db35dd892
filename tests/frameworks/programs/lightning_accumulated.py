"""Lightning: two batches a step, clipped gradients, bfloat16.

Library: lightning
Phases: f b f b u f b f b u f b f b u
Loss: loss
"""

import sys
import warnings

import lightning as L
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")


class Classifier(L.LightningModule):
    def __init__(self, width=24):
        super().__init__()
        self.head = nn.Linear(width, 4)
        self.body = nn.Sequential(nn.Linear(8, width), nn.LayerNorm(width), nn.GELU())
        self.losses = []

    def forward(self, x):
        return self.head(self.body(x))

    def training_step(self, batch, batch_idx):
        x, y = batch
        logits = self(x)
        loss = F.cross_entropy(logits, y)  # the loss
        self.log_dict({"loss": loss, "accuracy": (logits.argmax(1) == y).float().mean()})
        self.losses.append(loss.item())
        return {"loss": loss}

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters(), lr=1e-3)
        return [optimizer], [torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3)]


def main():
    L.seed_everything(1, verbose=False)
    x = torch.randn(96, 8)
    loader = DataLoader(TensorDataset(x, x[:, :4].argmax(1)), batch_size=16)
    model = Classifier()
    trainer = L.Trainer(
        max_epochs=1,
        accelerator="cpu",
        precision="bf16-mixed",
        accumulate_grad_batches=2,
        gradient_clip_val=0.5,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(model, loader)
    if len(sys.argv) > 1:
        names = [f"model.{name}" for name, _ in model.named_parameters()]
        torch.save({"weights": model.state_dict(), "losses": model.losses, "names": names}, sys.argv[1])


if __name__ == "__main__":
    main()
