"""Conditions at which a running program is stopped: their text, and whether they hold at a stop."""

from __future__ import annotations

from gradstep.conditions.condition import Condition, ConditionError
from gradstep.conditions.parse import parse

__all__ = ["Condition", "ConditionError", "parse"]
