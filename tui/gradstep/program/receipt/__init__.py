"""Receipts: what each leaf's change at an update is made of."""
