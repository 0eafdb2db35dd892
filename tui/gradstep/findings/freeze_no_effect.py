"""`requires_grad = False` where it freezes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from gradstep.model.stop import Finding, Stop


def freeze_no_effect(stops: Sequence[Stop]) -> list[Finding]:
    """Holds at the first forward stops of a model with such an attribute."""
    for clue in stops[-1].clues_of("freeze-no-effect"):
        if clue.what == "module":
            message = (
                f"{clue.of}.requires_grad = False sets an attribute of the module ({clue.by}), which PyTorch does not "
                "look at: its parameters are trained as before."
            )
            remedy = f"{clue.of}.requires_grad_(False) freezes its parameters."
        else:
            message = (
                f"{clue.of}.{clue.by} = False sets an attribute that PyTorch does not look at: the parameter is "
                "trained as before."
            )
            remedy = f"{clue.of}.requires_grad = False, or requires_grad_(False) as a call."
        evidence: dict[str, float | int | str] = {"of": clue.of, "attribute": clue.by}
        return [Finding("freeze-no-effect", "warning", message, remedy, evidence)]
    return []
