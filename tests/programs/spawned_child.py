"""A child process that imports this file again (spawn): it finds `work` in __main__, and trains unseen.

Phases: f b u f b u f b u
"""

import multiprocessing
import sys

import torch


def work(queue):
    v = torch.ones(2, requires_grad=True)
    v.pow(2).sum().backward()
    queue.put(v.grad.tolist())


if __name__ == "__main__":
    torch.manual_seed(33)
    log = {"losses": [], "grads": []}
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    child = context.Process(target=work, args=(queue,))
    child.start()
    log["child"] = queue.get(timeout=120)
    child.join()
    print("child:", log["child"], child.exitcode)

    w = torch.randn(3, requires_grad=True)
    for step in range(3):
        loss = (w - 2).abs().sum()
        loss.backward()
        log["losses"].append(loss.item())
        log["grads"].append({"w": w.grad.clone()})
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
        print(step, loss.item())
    if len(sys.argv) > 1:
        torch.save(log | {"weights": {"w": w.detach()}}, sys.argv[1])
