"""peft: LoRA on a tiny BERT, in a loop with accelerate that accumulates two batches a step.

Library: peft transformers accelerate
Phases: f b f b u f b f b u
Loss: loss
"""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import DataLoader, TensorDataset
from transformers import BertConfig, BertForSequenceClassification

set_seed(4)
accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
model = BertForSequenceClassification(
    BertConfig(
        vocab_size=60,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=16,
        num_labels=2,
    )
)
lora = LoraConfig(task_type=TaskType.SEQ_CLS, r=4, lora_alpha=8, lora_dropout=0.1, target_modules=["query", "value"])
model = get_peft_model(model, lora)
ids = torch.randint(1, 60, (32, 12))
loader = DataLoader(TensorDataset(ids, (ids[:, 0] > 30).long()), batch_size=8, shuffle=True)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)

losses = []
model.train()
for input_ids, labels in loader:
    with accelerator.accumulate(model):
        outputs = model(input_ids=input_ids, labels=labels)  # the loss
        loss = outputs.loss  # the loss
        accelerator.backward(loss)
        optimizer.step()
        optimizer.zero_grad()
    losses.append(loss.item())

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, weight in model.named_parameters() if weight.requires_grad]
    torch.save({"weights": model.state_dict(), "losses": losses, "names": names}, sys.argv[1])
