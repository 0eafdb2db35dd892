"""What findings need to know and no pane shows as such."""

from __future__ import annotations

from msgspec import Struct

from gradstep.model.place import Place


class Activation(Struct, frozen=True, omit_defaults=True, gc=False):
    """The result of one activation function over the whole batch, unit by unit (features, channels)."""

    name: str
    """Of the box in the graph: `relu_2`."""
    op: str
    module: str = ""
    """The module in which it ran."""
    place: Place = Place()
    units: int = 0
    dead: int = 0
    """How many units are zero on the whole batch."""
    saturated: int = 0
    """How many units stand at an end of their range, with a derivative near 0, on the whole batch."""
    flat: int = 0
    """How many of them have a derivative of exactly 0."""
    samples: int = 0
    """On how many samples (rows, pixels) at least; those of earlier passes count where a batch is small."""
    hidden: bool = True
    """A weight is used further on; else it is an output of the model."""
    logged: bool = False
    """A logarithm follows, whose gradient makes up for a derivative that is small and not 0."""


class NotFinite(Struct, frozen=True, omit_defaults=True):
    """Where NaN or Inf came from: the first op, node or update that made it of finite numbers."""

    what: str
    """`NaN` or `Inf`."""
    of: str
    """The tensor in which it stands: `log_2`, `w.grad`, `w`."""
    op: str = ""
    """The op, the node of autograd or the optimizer that made it."""
    inputs: str = ""
    """Its inputs in words: `probs: min 0, max 1`."""
    place: Place = Place()
    count: int = 0
    """How many elements are not finite."""
    given: bool = False
    """Nothing made it: it stood in the data, or in a weight, from the beginning."""
    backward: bool = False
    """A gradient: the node of `op` made it."""
    dtype: str = ""
    """Of the result, where it was made again; of the leaf, where an update made it."""
    made: Place = Place()
    """Of what stood in the data: where the program made it."""
    chosen: bool = False
    """A `where` chooses among what is made of it."""


class LeafFacts(Struct, frozen=True, omit_defaults=True, gc=False):
    """What is known of a leaf besides its value."""

    module: str = ""
    """Path of the module that owns it; empty for none."""
    owner: int = -1
    """Number of the optimizer that owns it, -1 for none."""
    parameter: bool = False
    """It is an `nn.Parameter`."""
    passes: int = 0
    """How many backward passes have deposited a gradient in it."""
    missed: int = 0
    """How many updates its owner has seen since it last had a gradient."""
    updates: int = 0
    """How many updates it took part in."""
    given: bool = False
    """The program has given it values by hand in which no gradient has a part: a copy of another net's."""
    peak: float = 0.0
    """Largest norm of a gradient that was seen in it."""
    read: Place = Place()
    """Where an op has read it though no gradient has come back."""
    library: str = ""
    """Of one that no gradient has ever reached: path of the library's module that it is of; empty for none."""
    equal_units: bool = False
    """Its units (rows, or columns) are all equal to the last bit."""
