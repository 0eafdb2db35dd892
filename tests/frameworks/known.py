"""What gradstep does not do right yet in these programs: by aspect, by program, with what is seen instead."""

POOLER = "gradient-never-reached for BERT's pooler, which the library computes for nothing"
ORDER = "leaves stand in another order than named_parameters"

UNSTEADY = {("names", "sentence_similarity"), ("names", "sentence_trainer")}
"""Right in some runs: of weights that are loaded in threads some come first, by chance."""

KNOWN: dict[str, dict[str, str]] = {
    "bits": {},
    "phases": {},
    "names": {
        "lightning_averaged": "the averaged copy's leaves are leaf_5, leaf_6",
        "peft_lora": ORDER,
        "pyro_params": "names of pyro's store are not known: leaf_1, leaf_2",
        "pyro_svi": "leaf_2 is guide.scale_unconstrained once more, in the same memory",
        "sentence_similarity": ORDER,
        "sentence_trainer": ORDER,
    },
    "lines": {},
    "losses": {"peft_lora": "the library divides the loss: div"},
    "notices": {},
    "silence": {"sentence_similarity": POOLER, "sentence_trainer": POOLER},
}
