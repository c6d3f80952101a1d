"""Answers as flat records, as tables want them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api.client.models.answer import Answer


def records(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return a flat dict for each answer: ``pandas.DataFrame(records(client.jobs()))``.

    Fields of fields are named like ``instance_name``; lists stay lists, and ``links``
    are left out.
    """
    return [
        dict(_flat(answer.model_dump(mode="json", exclude={"links"}), ""))
        for answer in answers
    ]


def _flat(fields: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}_")
        else:
            yield f"{prefix}{name}", value
