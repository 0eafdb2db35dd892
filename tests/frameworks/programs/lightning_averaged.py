"""Lightning: a wrapped model with a validation loop, a schedule and an average that at the end becomes the weights.

Library: lightning
Phases: f b u f b u f b u f b u u
Loss: loss
"""

import sys
import warnings

import lightning as L
import torch
from lightning.pytorch.callbacks import EMAWeightAveraging
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")


class Toy(L.LightningDataModule):
    def setup(self, stage):
        x = torch.randn(64, 5)
        self.data = TensorDataset(x, torch.sin(x[:, :1]))

    def train_dataloader(self):
        return DataLoader(self.data, batch_size=32)

    def val_dataloader(self):
        return DataLoader(self.data, batch_size=64)


class Lit(L.LightningModule):
    def __init__(self, model, lr):
        super().__init__()
        self.model = model
        self.lr = lr
        self.criterion = nn.SmoothL1Loss()
        self.losses = []

    def _step(self, batch, stage):
        x, y = batch
        loss = self.criterion(self.model(x), y)  # the loss
        self.log(f"{stage}_loss", loss, prog_bar=True)
        self.losses.append(loss.item())
        return loss

    def training_step(self, batch, batch_idx):
        return self._step(batch, "train")

    def validation_step(self, batch, batch_idx):
        self._step(batch, "val")

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=self.lr, momentum=0.9)
        return {"optimizer": optimizer, "lr_scheduler": torch.optim.lr_scheduler.StepLR(optimizer, 1)}


def train():
    L.seed_everything(20, verbose=False)
    lit = Lit(nn.Sequential(nn.Linear(5, 12), nn.SiLU(), nn.Linear(12, 1)), lr=0.05)
    trainer = L.Trainer(
        max_epochs=2,
        accelerator="cpu",
        callbacks=[EMAWeightAveraging(decay=0.9)],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(lit, datamodule=Toy())
    return lit


lit = train()
if len(sys.argv) > 1:
    names = [f"lit.{name}" for name, _ in lit.named_parameters()]
    torch.save({"weights": lit.state_dict(), "losses": lit.losses, "names": names}, sys.argv[1])
