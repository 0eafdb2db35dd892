"""The tensor inspector: all elements of one tensor."""
