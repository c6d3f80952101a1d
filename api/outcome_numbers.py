"""Which JSON pointers lead to a number in the outcome of a calculation.

The schema of the outcome says what may be there; an outcome, what there was.
"""

import difflib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from pydantic import BaseModel

from db.contracts.json_pointer import INDEX, NothingThereError, number_at, tokens_of

SHOWN = 12
SEARCHED = 1000
NUMBERS = frozenset({"number", "integer"})
ALTERNATIVES = ("anyOf", "oneOf", "allOf")

Schema = dict[str, Any]


def leads_to_number(
    outcome: type[BaseModel], pointer: str, latest: Mapping[str, Any] | None
) -> bool:
    """Return whether an outcome may have a number there, or the latest has one."""
    if latest is not None and number_at(latest, pointer) is not None:
        return True
    whole = _schema_of(outcome)
    try:
        tokens = tokens_of(pointer)
    except NothingThereError:
        return False
    found = list(_alternatives(whole, whole))
    for token in tokens:
        found = [
            each
            for holder in found
            for below in _members(holder, token)
            for each in _alternatives(whole, below)
        ]
    return any(map(_is_number, found))


def numbers_to_point_to(
    outcome: type[BaseModel], latest: Mapping[str, Any] | None, *, meant: str
) -> list[str]:
    """Return pointers to numbers that there are: those that may be meant first."""
    whole = _schema_of(outcome)
    known = dict.fromkeys(islice(_of_schema(whole, whole, "", ()), SEARCHED))
    if latest is not None:
        known |= dict.fromkeys(islice(_of_document(latest, ""), SEARCHED))
    near = difflib.get_close_matches(meant, known, n=3)
    return list(dict.fromkeys([*near, *known]))[:SHOWN]


@lru_cache(maxsize=64)
def _schema_of(outcome: type[BaseModel]) -> Schema:
    return outcome.model_json_schema(mode="serialization")


def _alternatives(whole: Schema, schema: Schema) -> Iterator[Schema]:
    """Yield what the schema may stand for, its references followed."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from _alternatives(whole, whole["$defs"][name])
        return
    yield schema
    for key in ALTERNATIVES:
        for each in schema.get(key, ()):
            yield from _alternatives(whole, each)


def _members(schema: Schema, token: str) -> Iterator[Schema]:
    """Yield what stands below an object or a list under this name or number."""
    of_objects, of_lists = schema.get("additionalProperties"), schema.get("items")
    if token in schema.get("properties", {}):
        yield schema["properties"][token]
    elif isinstance(of_objects, dict):
        yield of_objects
    if not INDEX.fullmatch(token):
        return
    first = schema.get("prefixItems", [])
    if int(token) < len(first):
        yield first[int(token)]
    elif isinstance(of_lists, dict):
        yield of_lists


def _is_number(schema: Schema) -> bool:
    is_decimal = schema.get("type") == "string" and schema.get("format") == "decimal"
    return schema.get("type") in NUMBERS or is_decimal


def _of_schema(
    whole: Schema, schema: Schema, at: str, above: tuple[str, ...]
) -> Iterator[str]:
    """Yield pointers to what is a number; of a list to that of its first member."""
    reference = schema.get("$ref", "")
    if reference in above:
        return
    above = (*above, reference) if reference else above
    for each in _alternatives(whole, schema):
        if at and _is_number(each):
            yield at
        for name, below in each.get("properties", {}).items():
            yield from _of_schema(whole, below, f"{at}/{_escaped(name)}", above)
        if isinstance(each.get("items"), dict):
            yield from _of_schema(whole, each["items"], f"{at}/0", above)


def _of_document(found: Any, at: str) -> Iterator[str]:
    if isinstance(found, dict):
        for name, below in found.items():
            yield from _of_document(below, f"{at}/{_escaped(name)}")
    elif isinstance(found, list):
        for number, below in enumerate(found):
            yield from _of_document(below, f"{at}/{number}")
    elif number_at([found], "/0") is not None:
        yield at


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
