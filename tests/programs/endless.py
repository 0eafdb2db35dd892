"""An endless loop without any phase; it has to be stopped from outside.

Phases: (none)
"""

import torch

torch.manual_seed(46)

x = torch.randn(10)
print("round and round")
while True:
    x = x.sin()
