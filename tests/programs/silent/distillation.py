"""A student learns from a teacher: KL of softened outputs, one time with a target in logs, plus cross entropy."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 4))
student = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
teacher.eval()
optimizer = torch.optim.SGD(student.parameters(), lr=0.1, momentum=0.9)
T, alpha = 4.0, 0.7
X = torch.randn(256, 8)
Y = X[:, :4].argmax(1)
for step in range(50):
    rows = torch.randint(0, 256, (32,))
    with torch.no_grad():
        t_logits = teacher(X[rows])
    s_logits = student(X[rows])
    soft = F.kl_div(F.log_softmax(s_logits / T, dim=1), F.softmax(t_logits / T, dim=1), reduction="batchmean") * T * T
    logs = F.kl_div(
        F.log_softmax(s_logits, dim=1), F.log_softmax(t_logits, dim=1), reduction="batchmean", log_target=True
    )
    hard = F.cross_entropy(s_logits, Y[rows])
    loss = alpha * (soft + logs) / 2 + (1 - alpha) * hard
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
