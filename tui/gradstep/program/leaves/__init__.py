"""What is trained: its names, the ledger of its gradients, its updates."""
