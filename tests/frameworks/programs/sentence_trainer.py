"""sentence-transformers: its Trainer with a ranking loss on a tiny BERT.

Library: sentence_transformers transformers accelerate datasets
Phases: f b u f b u f b u
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
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


def main():
    set_seed(31)
    with tempfile.TemporaryDirectory() as folder:
        model = tiny_model(Path(folder))
        rows = [f"the {one} {two} {three}" for one in WORDS[2:5] for two in WORDS[5:9] for three in ("here", "fast")]
        train_dataset = Dataset.from_dict({"anchor": rows[:12], "positive": rows[12:]})
        args = SentenceTransformerTrainingArguments(
            output_dir=folder,
            max_steps=3,
            per_device_train_batch_size=4,
            learning_rate=2e-4,
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        )
        loss = MultipleNegativesRankingLoss(model)
        trainer = SentenceTransformerTrainer(model=model, args=args, train_dataset=train_dataset, loss=loss)
        result = trainer.train()  # the loss
    if len(sys.argv) > 1:
        names = [f"model.{name}" for name, _ in model.named_parameters()]
        torch.save({"weights": model.state_dict(), "losses": [result.training_loss], "names": names}, sys.argv[1])


if __name__ == "__main__":
    main()
