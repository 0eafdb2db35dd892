"""What a check on demand has found."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Answer = Literal["as it should be", "look here", "not known"]


class Verdict(Struct, frozen=True, omit_defaults=True):
    """The answer of one check of the first forward pass."""

    check: str
    """What was asked: `samples`, `first loss`, `one batch`, `Function Swish`."""
    answer: Answer
    text: str
    """With its numbers and its line."""
    remedy: str = ""
