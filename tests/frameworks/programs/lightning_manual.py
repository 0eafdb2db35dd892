"""Lightning: a small GAN with manual optimisation.

Library: lightning
Phases: f b u f b u f b u f b u
Loss: d_loss g_loss
"""

import sys
import warnings

import lightning as L
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")


class GAN(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.automatic_optimization = False
        self.generator = nn.Sequential(nn.Linear(4, 16), nn.LeakyReLU(0.2), nn.Linear(16, 2))
        self.discriminator = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
        self.losses = []

    def training_step(self, batch):
        (real,) = batch
        g_opt, d_opt = self.optimizers()
        fake = self.generator(torch.randn(len(real), 4))
        ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)

        real_loss = F.binary_cross_entropy_with_logits(self.discriminator(real), ones)
        fake_loss = F.binary_cross_entropy_with_logits(self.discriminator(fake.detach()), zeros)
        d_loss = (real_loss + fake_loss) / 2  # the loss
        d_opt.zero_grad()
        self.manual_backward(d_loss)
        d_opt.step()

        g_loss = F.binary_cross_entropy_with_logits(self.discriminator(fake), ones)  # the loss
        g_opt.zero_grad()
        self.manual_backward(g_loss)
        g_opt.step()
        self.losses += [d_loss.item(), g_loss.item()]

    def configure_optimizers(self):
        g_opt = torch.optim.Adam(self.generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
        d_opt = torch.optim.Adam(self.discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
        return g_opt, d_opt


L.seed_everything(2, verbose=False)
loader = DataLoader(TensorDataset(torch.randn(64, 2) + 2), batch_size=32)
gan = GAN()
trainer = L.Trainer(
    max_epochs=1,
    accelerator="cpu",
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
    enable_model_summary=False,
)
trainer.fit(gan, loader)

if len(sys.argv) > 1:
    names = [f"gan.{name}" for name, _ in gan.named_parameters()]
    torch.save({"weights": gan.state_dict(), "losses": gan.losses, "names": names}, sys.argv[1])
