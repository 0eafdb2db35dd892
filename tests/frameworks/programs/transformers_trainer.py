"""transformers: a tiny GPT-2 with the Trainer, two batches a step.

Library: transformers accelerate
Phases: f b f b u f b f b u f b f b u
"""

import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from torch.utils.data import Dataset
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments, set_seed


class Counting(Dataset):
    """Sequences that count up from a random number."""

    def __init__(self, count):
        self.rows = (torch.randint(0, 50, (count, 1)) + torch.arange(12)) % 50

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return {"input_ids": self.rows[index], "labels": self.rows[index]}


set_seed(0)
config = GPT2Config(vocab_size=50, n_positions=16, n_embd=32, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0)
args = TrainingArguments(
    output_dir=tempfile.gettempdir(),
    per_device_train_batch_size=4,
    gradient_accumulation_steps=2,
    max_steps=3,
    learning_rate=1e-3,
    lr_scheduler_type="constant",
    save_strategy="no",
    logging_strategy="no",
    report_to="none",
    disable_tqdm=True,
    use_cpu=True,
)
trainer = Trainer(model=GPT2LMHeadModel(config), args=args, train_dataset=Counting(24))
result = trainer.train()  # the loss

if len(sys.argv) > 1:
    model = trainer.model
    names = [name for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": [result.training_loss], "names": names}, sys.argv[1])
