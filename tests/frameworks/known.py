"""What gradstep does not do right yet in these programs: by aspect, by program, with what is seen instead."""

UNSTEADY: set[tuple[str, str]] = set()
"""Right in some runs."""

KNOWN: dict[str, dict[str, str]] = {
    "bits": {},
    "phases": {},
    "names": {"pyro_svi": "leaf_2 is guide.scale_unconstrained once more, in the same memory"},
    "lines": {},
    "losses": {},
    "notices": {},
    "silence": {},
}
