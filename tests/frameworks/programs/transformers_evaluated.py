"""transformers: a Trainer that makes its own model, evaluates it, clips and warms up.

Library: transformers accelerate
Phases: f b u f b u f b u f b u
"""

import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from transformers import DistilBertConfig, DistilBertForSequenceClassification, Trainer, TrainingArguments


def model_init():
    config = DistilBertConfig(vocab_size=30, dim=32, hidden_dim=64, n_layers=2, n_heads=2, max_position_embeddings=16)
    return DistilBertForSequenceClassification(config)


def rows(count):
    ids = torch.randint(1, 30, (count, 10))
    return [{"input_ids": row, "attention_mask": torch.ones_like(row), "labels": row[0] % 2} for row in ids]


def main():
    torch.manual_seed(21)
    args = TrainingArguments(
        output_dir=tempfile.gettempdir(),
        num_train_epochs=2,
        per_device_train_batch_size=8,
        learning_rate=5e-4,
        warmup_steps=2,
        max_grad_norm=0.5,
        eval_strategy="epoch",
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = Trainer(model_init=model_init, args=args, train_dataset=rows(16), eval_dataset=rows(8))
    trainer.train()  # the loss
    if len(sys.argv) > 1:
        names = [name for name, _ in trainer.model.named_parameters()]
        losses = [trainer.evaluate()["eval_loss"]]
        torch.save({"weights": trainer.model.state_dict(), "losses": losses, "names": names}, sys.argv[1])


main()
