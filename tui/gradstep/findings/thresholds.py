"""Every number that decides whether a finding holds, with its reason or source. (Those of `overshoot` stand there.)"""

from __future__ import annotations

# Gradients from layer to layer

LAYERS = 4
"""Fewer layers in series than this show no trend: one step between two of them may have any reason."""

ORDERS = 4.0
"""Orders of magnitude between the first and the last layer. A ReLU net of ten layers as PyTorch initialises it loses
3.5 (a factor 0.41 a layer) and trains; ten sigmoid layers lose 7.5 (Hochreiter 1991; Glorot and Bengio 2010)."""

ORDERS_SPREAD = 2.5
"""Of these orders, how many must be left without the largest single one: a layer initialised with zeros (LoRA, residual
branches, the last layer) makes one large step in its first iterations, and no trend."""

ORDERS_UP = 3.0
"""The same where gradients grow: no usual initialisation does that, and a step of a thousand times is none."""

ORDERS_UP_SPREAD = 2.0
"""Of these, what must be left without the largest single one: inputs that are not normalised make one."""

ZIGZAG = 0.4
"""A part of the orders from one end to the other. Sizes that fall back by more of it in between show no trend: each A
of a LoRA lies behind its B and has next to no gradient at first, while the B of every block has as much (seen: 0.46 to
0.5). Between the layers of one block of a transformer they differ by about one order."""

UNDERFLOW = 1e-30
"""Behind gradients smaller than this, float32's zeros are underflow; elsewhere a zero is a gradient that is blocked."""

# Updates

LARGE_STEP = 10.0
"""An update this many times the weights (their root mean square), after which the loss rose: no such step is small in
the sense of the gradient, which is a statement about small ones. Karpathy's rule of thumb for a good ratio is 0.001."""

SMALL_WEIGHT = 0.1
"""A weight below this size is taken for this size there: one that begins at 0 may grow by any factor."""

ROSE = 2.0
"""By this factor the loss must have risen after a large step for the step to be a fault."""

SMALL_STEP = 1e-7
"""Relative change below which an update is too small: float32 keeps 24 bits, 6e-8; a hundred thousand such updates
change a weight by 1 %."""

SMALL_RUNNING = 5
"""So many updates running with one learning rate: a warm-up or the end of a cosine has another at each."""

UNCHANGED_RUNNING = 2
"""Updates running that have not changed a bit; one alone may be a loss that is at rest."""

UNUSED_RUNNING = 3
"""Backward passes whose gradients no optimizer's step has used: one or two may be a look."""

ZERO_RATE_RUNNING = 3
"""The same where the learning rate is 0: a warm-up from 0 makes one such update."""

FALLEN_RATE = 0.01
"""A learning rate below this part of its peak has fallen."""

SLIGHT = 1e-4
"""A gradient whose typical element is below this part of the optimizer's largest is next to none: behind a layer that
begins at zero (LoRA), or of a bias that a softmax or a normalisation takes out again."""

CONVERGED = 1e-3
"""A gradient below this part of the largest that was seen is one of a model that has learned what it can."""

FELT = 1e-4
"""||gradient||·||weights|| as a part of the loss, below which weights have next to no influence, and no step would."""

CUT = 0.01
"""A gradient of which less than this is left at the step was not clipped to bound an outlier: that leaves nothing."""

# Activations

MOST_UNITS = 0.9
"""Part of the units. Half are zero in a healthy ReLU net; 40 % dead ones are reported of nets that still train
(Stanford's CS231n), and a layer of a tenth is as good as none."""

SMALL_LOSS = 0.05
"""A loss (cross entropy, squared error of a probability) of a classifier that is right: its outputs may stand at their
ends."""

FALLEN_LOSS = 0.1
"""The same as a part of the largest loss that was seen of the same code."""

# Leaves

MISSED_RUNNING = 3
"""Updates without a gradient: heads and experts that take turns get one in between."""

MISSED_IN_TURNS = 10
"""The same for leaves that nothing reads while others of the optimizer are trained: a layer may be drawn at random, one
of many experts chosen, a head join later."""

MISSED_AT_END = 2
"""The same in a run that has ended."""

EQUAL_RUNNING = 3
"""Updates after which units are still equal. Units that are zero at the end of a net differ after the first update,
those before them after the second."""

UPHILL_RUNNING = 3
"""Updates uphill, all that there were, of an optimizer whose rule is not known: one alone may be noise that it adds."""

ROUND_DIGITS = 3
"""A learning rate has so many digits at most; what an error or a return scales a step by has more."""

SAME_RATE = 0.01
"""Factors that differ by no more than this part are one learning rate."""

UPHILL = 0.5
"""Cosine between a leaf's own step and its gradient. Adam's scaling turns a step, but not up the slope."""

CLEAR_RISE = 0.1
"""On other data an overshoot is told only if the step raised the loss of the old data by this share of what it was: far
more than rounding or noise. Seen on 16 healthy programs (SGD, momentum, Adam, RMSprop; batches of 1 to 32; dropout,
batch norm): rises of up to 2.4 times the loss, but of all none that began by falling."""

SWING = 0.5
"""The same where it is momentum alone that has raised it: it swings beyond the lowest place and comes back, most of all
in the first updates of RMSprop and its like, which are the longest (seen: 0.21 of the loss, once in 25 updates)."""

# What the program does

ONE_RUNNING = 2
"""Passes in which a softmax has gone over one element: one alone may be a sequence of length 1."""

FALLING_PASSES = 3
"""Passes of a loss of which the last is lower than the first."""

RECREATED_RUNNING = 3
"""Updates, each by another optimizer."""

LOST_RUNNING = 3
"""Updates before each of which gradients were cleared unused: once may be a look at them."""

ZERO_RUNNING = 2
"""Backward passes that brought zeros alone."""

ZERO_UNSEEN_RUNNING = 5
"""The same where no op is seen at which they end: gradients may cancel out to the last bit by chance."""

PLAIN_RULES = ("SGD",)
"""Optimizers whose step is as long as the gradient: with the others clipping to a small norm costs nothing."""
