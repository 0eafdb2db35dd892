"""What the program's objects hold, without running any code of their classes, which may do anything."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

_MRO, _DICT = (type.__dict__[name] for name in ("__mro__", "__dict__"))


def classes_of(kind: type) -> tuple[type, ...]:
    """The classes of a class, itself first, whatever its metaclass says."""
    found: tuple[type, ...] = _MRO.__get__(kind)
    return found


def defined_in(kind: type) -> Mapping[str, Any]:
    """What that class itself defines."""
    found: Mapping[str, Any] = _DICT.__get__(kind)
    return found


def attributes_of(value: Any) -> dict[str, Any]:
    """What an object holds: its slots and its `__dict__`."""
    found: dict[str, Any] = {}
    for kind in classes_of(type(value)):
        for name, slot in list(defined_in(kind).items()):
            if isinstance(slot, MemberDescriptorType):
                with contextlib.suppress(AttributeError):
                    found[name] = slot.__get__(value)
    return found | own_attributes(value)


def own_attributes(value: Any) -> dict[str, Any]:
    """Its `__dict__`; a proxy's may be a property, which is not asked."""
    for kind in classes_of(type(value)):
        place = defined_in(kind).get("__dict__")
        if place is not None:
            own = place.__get__(value) if type(place) is GetSetDescriptorType else None
            return own if type(own) is dict else {}
    return {}


def defined_by(kind: type) -> str:
    """The name of the module in which a class is defined."""
    found = next((own["__module__"] for each in classes_of(kind) if "__module__" in (own := defined_in(each))), "")
    return found if type(found) is str else ""


def file_defining(kind: type) -> str:
    """The file of that module; empty if it has none."""
    found = own_attributes(sys.modules.get(defined_by(kind))).get("__file__")
    return found if type(found) is str else ""


def fields_of(kind: type) -> tuple[str, ...]:
    """The fields of a named tuple; of another class none."""
    found = next((own["_fields"] for each in classes_of(kind) if "_fields" in (own := defined_in(each))), ())
    named = issubclass(kind, tuple) and type(found) is tuple and all(type(name) is str for name in found)
    return found if named else ()
