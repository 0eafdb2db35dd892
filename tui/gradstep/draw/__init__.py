"""Stops to rich renderables and strips. No torch, no textual app."""
