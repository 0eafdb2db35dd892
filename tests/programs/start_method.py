"""Sets multiprocessing's start method, and looks at who it is: a main process without a parent.

Phases: f b u f b u f b u
"""

import multiprocessing
import sys

import torch


def main():
    torch.manual_seed(32)
    log = {"losses": [], "grads": []}
    multiprocessing.set_start_method("spawn")
    process = multiprocessing.current_process()
    log["process"] = [
        multiprocessing.get_start_method(),
        process.name,
        process.daemon,
        multiprocessing.parent_process() is None,
        "__mp_main__" in sys.modules,
    ]
    print(log["process"])

    x = torch.randn(6, 2)
    w = torch.randn(2, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for step in range(3):
        optimizer.zero_grad()
        loss = (x @ w - 1).pow(2).mean()
        loss.backward()
        log["losses"].append(loss.item())
        log["grads"].append({"w": w.grad.clone()})
        optimizer.step()
        print(step, loss.item())
    if len(sys.argv) > 1:
        torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])


if __name__ == "__main__":
    main()
