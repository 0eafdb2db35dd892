"""A schedule of learning rates is drawn with steps that change nothing: they are no updates."""


import torch

dummy = torch.nn.Linear(1, 1)
optimizer = torch.optim.Adam(dummy.parameters(), lr=1.0)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1))
rates = []
for step in range(2000):
    rates.append(optimizer.param_groups[0]["lr"])
    optimizer.step()
    scheduler.step()

model = torch.nn.Linear(3, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loss = model(torch.randn(4, 3)).pow(2).mean()
loss.backward()
optimizer.step()
