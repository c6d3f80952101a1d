"""Bodies made from the JSON Schemas of calculations: some fit, and some do not."""

import math
import random  # noqa: TID251 - draws of any values, not numbers alone
from collections.abc import Iterator
from typing import Any

EDGES = (0.0, 1.0, -1.0, 0.1, 1e-9, -0.5, 2.0, 100.0, 1e6, -1e6)
FEW = 4
"""Entries of a list, beyond the fewest that it may have."""
WRONG: tuple[Any, ...] = (None, "a", True, [], {}, "NaN", 1e308, -1e308, [[1]])


class Maker:
    """Draws values of a schema; equal seeds draw equal ones."""

    def __init__(self, schema: dict[str, Any], rng: random.Random) -> None:
        self._schema = schema
        self._rng = rng

    def fitting(self) -> dict[str, Any]:
        """Return a body that the schema allows."""
        made: dict[str, Any] = self._make(self._schema)
        return made

    def broken(self, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return a name, and the body with something there that cannot be right."""
        properties = self._schema["properties"]
        name = self._rng.choice(list(properties))
        kind = self._rng.randrange(3)
        if kind == 0:
            return "surplus", {**body, "surplus": 1}
        required = self._schema.get("required", [])
        if kind == 1 and required:
            name = self._rng.choice(required)
            return name, {key: body[key] for key in body if key != name}
        unfit = [each for each in WRONG if not self._may_be(properties[name], each)]
        return name, {**body, name: self._rng.choice(unfit)}

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._schema["$defs"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _branches(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        schema = self._resolved(schema)
        inner = schema.get("anyOf") or schema.get("oneOf")
        for each in inner or ():
            yield from self._branches(each)
        if not inner:
            yield schema

    def _may_be(self, schema: dict[str, Any], value: Any) -> bool:
        """Return whether its type is allowed, and a number is in range."""
        names = {
            bool: ("boolean",),
            str: ("string",),
            float: ("number",),
            list: ("array",),
            dict: ("object",),
            type(None): ("null",),
        }[type(value)]
        branches = list(self._branches(schema))
        found = [each.get("type", "") for each in branches]
        if type(value) is float:
            ends = [self._ends(each) for each in branches if each["type"] == "number"]
            return any(low <= value <= high for low, high in ends)
        return any(name in found or "" in found for name in names)

    def _make(self, schema: dict[str, Any]) -> Any:
        rng = self._rng
        schema = rng.choice(list(self._branches(schema)))
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                least = schema.get("minItems", 0)
                most = min(schema.get("maxItems", 10**9), least + FEW)
                return [
                    self._make(schema["items"]) for _ in range(rng.randint(least, most))
                ]
            case "number":
                return self._number(schema)
            case "integer":
                return int(self._whole(schema))
            case "boolean":
                return rng.random() < 0.5
            case "null":
                return None
            case "string" if schema.get("format") == "date":
                return f"{rng.randint(1990, 2050)}-{rng.randint(1, 12):02}-15"
            case "string":
                return rng.choice(["a", "b", "c", "0.7", "x", "a longer name"])
        raise AssertionError(schema)

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        rng, required = self._rng, schema.get("required", [])
        made = {
            name: self._make(each)
            for name, each in schema.get("properties", {}).items()
            if name in required or rng.random() < 0.5
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            for name in ("x", "a", "b")[: rng.randint(0, 3)]:
                made[name] = self._make(more)
        return made

    def _ends(self, schema: dict[str, Any]) -> tuple[float, float]:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -math.inf))
        high = schema.get("maximum", schema.get("exclusiveMaximum", math.inf))
        return low, high

    def _number(self, schema: dict[str, Any]) -> float:
        rng = self._rng
        low, high = self._ends(schema)
        drawn = [*EDGES, rng.uniform(-1, 1), rng.uniform(-1e4, 1e4)]
        drawn += [rng.choice((-1, 1)) * 10.0 ** rng.uniform(-300, 30)]
        drawn += [each for each in (low, high) if math.isfinite(each)]
        open_ends = {schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")}
        fit = [each for each in drawn if low <= each <= high and each not in open_ends]
        return rng.choice(fit) if fit else (low + high) / 2

    def _whole(self, schema: dict[str, Any]) -> float:
        low, high = self._ends(schema)
        if "exclusiveMinimum" in schema:
            low += 1
        if math.isinf(low):
            low = -5
        # Not thousands of paths or digits in each of many.
        return self._rng.randint(int(low), int(min(high, max(low, 1) + 40)))
