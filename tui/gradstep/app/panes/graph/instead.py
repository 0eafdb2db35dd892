"""What stands in the pane of the graph where there is none."""

from __future__ import annotations

from gradstep.draw.why import unseen
from gradstep.model.moment import Moment

NOT_YET = ("The graph of the forward pass appears here.", "", "Press space to run it.")
NO_GRAPH = ("No graph was recorded at this stop.",)
ENDED = ("The program has ended.", "", "← goes back, r runs it again.")
ENDED_ONCE = ("The program had ended.", "", "← goes back.")


def instead(moment: Moment) -> tuple[str, ...]:
    """The lines."""
    stop = moment.stop
    if stop.phase == "end":
        return ENDED_ONCE if moment.recorded else ENDED
    if stop.light:
        why, remedy = unseen(moment)
        return why, "", remedy
    return NOT_YET if stop.index <= 0 else NO_GRAPH
