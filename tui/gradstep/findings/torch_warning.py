"""A warning of torch's own: it is easily lost among what a program prints."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.findings.reading import at_line
from gradstep.model.stop import Finding, Stop

_REMEDIES = (
    ("lr_scheduler.step()", "Call optimizer.step() first, then scheduler.step()."),
    ("Using a target size", "Give the target the shape of the input: unsqueeze or view it."),
    ("Implicit dimension choice", "Say over which dimension: dim=1 for rows of scores."),
    ("non-full backward hook", "Use register_full_backward_hook."),
    ("reduction: 'mean' divides", "Use reduction='batchmean'."),
    ("Initializing zero-element tensors", "Look for a layer of size 0."),
    ("None of the inputs have requires_grad=True", "Give the checkpoint use_reentrant=False."),
)
"""What to do, by a part of the first sentence."""


def torch_warning(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the stop after the warning, once for each text."""
    found = []
    for clue in stops[-1].clues_of("torch-warning"):
        message = f"PyTorch warns{at_line(clue.place)}: {clue.of}."
        remedy = next((text for part, text in _REMEDIES if part in clue.of), "")
        remedy = remedy or "The console (k) has all of it, as the program printed it."
        evidence: dict[str, float | int | str] = {"line": clue.place.line, "category": clue.by, "text": clue.of}
        found.append(Finding("torch-warning", "info", message, remedy, evidence))
    return found
