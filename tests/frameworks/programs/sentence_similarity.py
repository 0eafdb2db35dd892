"""sentence-transformers: a tiny BERT that learns which sentences are alike.

Library: sentence_transformers transformers
Phases: f b u f b u f b u
Loss: loss_value
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from torch.utils.data import DataLoader
from transformers import BertConfig, BertModel, BertTokenizer, set_seed

WORDS = "the a cat dog bird sees eats likes runs sleeps here there fast slowly".split()


def tiny_model(folder):
    """A random BERT with a tokenizer of few words, averaged over the words."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=32, **sizes)).save_pretrained(folder)
    return SentenceTransformer(modules=[Transformer(str(folder), max_seq_length=16), Pooling(32)], device="cpu")


set_seed(19)
with tempfile.TemporaryDirectory() as folder:
    model = tiny_model(Path(folder))
pairs = [(["the cat sees a dog", "a dog sees the cat"], 0.9), (["the bird sleeps", "a dog runs fast"], 0.1)] * 6


def collate(rows):
    columns = zip(*(sentences for sentences, _ in rows))
    return [model.preprocess(list(column)) for column in columns], torch.tensor([score for _, score in rows])


train_loss = losses.CosineSimilarityLoss(model)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-4)
history = []
model.train()
for features, labels in DataLoader(pairs, batch_size=4, shuffle=True, collate_fn=collate):
    loss_value = train_loss(features, labels)  # the loss
    optimizer.zero_grad()
    loss_value.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    history.append(loss_value.item())

if len(sys.argv) > 1:
    names = [f"model.{name}" for name, _ in model.named_parameters()]
    torch.save({"weights": model.state_dict(), "losses": history, "names": names}, sys.argv[1])
