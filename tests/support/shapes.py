"""Whether values are of the types that code is told of them."""

from __future__ import annotations

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict


def fits(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type, down to the elements of a list and the columns of a row."""
    origin, parts = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is list:
        return isinstance(value, list) and all(fits(one, parts[0]) for one in value)
    if is_typeddict(wanted):
        hints = get_type_hints(wanted)
        return (
            isinstance(value, dict)
            and value.keys() == hints.keys()
            and all(fits(value[key], hints[key]) for key in hints)
        )
    # True is an int to isinstance
    return type(value) is bool if wanted is bool else isinstance(value, origin or wanted)
