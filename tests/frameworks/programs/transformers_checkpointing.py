"""transformers: a tiny Llama whose layers are checkpointed, with a loss of the user's own.

Library: transformers accelerate
Phases: f b u f b u f b u
Loss: loss
"""

import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
import torch.nn.functional as F
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments, set_seed

losses = []


class SmoothTrainer(Trainer):
    """Cross-entropy with smoothed labels."""

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        labels = inputs["input_ids"][:, 1:]
        outputs = model(input_ids=inputs["input_ids"])
        logits = outputs.logits[:, :-1]
        loss = F.cross_entropy(  # the loss
            logits.reshape(-1, logits.shape[-1]), labels.reshape(-1), label_smoothing=0.1
        )
        losses.append(loss.item())
        return (loss, outputs) if return_outputs else loss


def main():
    set_seed(3)
    config = LlamaConfig(
        vocab_size=40,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=32,
        use_cache=False,
    )
    model = LlamaForCausalLM(config)
    rows = (torch.randint(0, 40, (12, 1)) + 3 * torch.arange(10)) % 40
    args = TrainingArguments(
        output_dir=tempfile.gettempdir(),
        per_device_train_batch_size=4,
        num_train_epochs=1,
        learning_rate=1e-3,
        gradient_checkpointing=True,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
    )
    trainer = SmoothTrainer(model=model, args=args, train_dataset=[{"input_ids": row} for row in rows])
    trainer.train()
    if len(sys.argv) > 1:
        names = [f"model.{name}" for name, _ in model.named_parameters()]
        torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])


if __name__ == "__main__":
    main()
