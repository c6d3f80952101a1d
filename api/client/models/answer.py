"""What all answers have in common."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

Number = int | float

SHOWN_VALUES = 8


class Answer(BaseModel):
    """Something that the service said, as it was then.

    Fields that a newer service adds are kept, and come out again in ``model_dump``.
    """

    # Built when first read: a program reads a few of them.
    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)

    @override
    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Show what there is to say, in a line or two."""
        for name, value in super().__repr_args__():
            field = type(self).model_fields.get(name or "")
            if field is None or value is None or value == field.default:
                continue
            if isinstance(value, list | tuple) and len(value) > SHOWN_VALUES:
                yield name, _Many(value)
            else:
                yield name, value


class _Many:
    """A long list, as far as one wants to read it."""

    def __init__(self, values: list[Any] | tuple[Any, ...]) -> None:
        self._values = values

    @override
    def __repr__(self) -> str:
        first = ", ".join(map(repr, self._values[:SHOWN_VALUES]))
        return f"[{first}, … {len(self._values) - SHOWN_VALUES} more]"
