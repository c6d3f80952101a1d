"""Turns what pydantic found into problems: where, what, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, get_args

from pydantic import BaseModel

from db.contracts.errors import InputProblem, InvalidInputError
from db.contracts.near_miss import did_you_mean

MAX_PROBLEMS = 10
MAX_BYTES = 1800
"""Of all problems together: an answer stays below 4 KB whatever was sent."""
MAX_POINTER = 160
MAX_TEXT = 240
MAX_KNOWN = 12
PARAMETER_KINDS = frozenset({"query", "path", "header", "cookie"})

DETAILS: dict[str, str] = {
    "missing": "a required field is missing",
    "extra_forbidden": "there is no such field",
    "model_type": "not a JSON object",
    "model_attributes_type": "not a JSON object",
    "dict_type": "not a JSON object",
    "int_type": "not an integer",
    "int_parsing": "not an integer",
    "int_parsing_size": "not an integer of 64 bits",
    "int_from_float": "not an integer",
    "float_type": "not a number",
    "float_parsing": "not a number",
    "string_type": "not text",
    "list_type": "not a list",
    "bool_type": "not a boolean",
    "bool_parsing": "not a boolean",
}
SUGGESTIONS: dict[str, str] = {
    "missing": "Add {name}.",
    "model_type": "Send a JSON object: {{…}}.",
    "model_attributes_type": "Send a JSON object: {{…}}.",
    "dict_type": "Send a JSON object: {{…}}.",
    "int_type": "Send an integer, without quotes or fraction.",
    "int_parsing": "Send an integer.",
    "int_parsing_size": "Send an integer of at most 64 bits.",
    "int_from_float": "Send an integer, without a fraction.",
    "float_type": "Send a number, without quotes.",
    "float_parsing": "Send a number.",
    "finite_number": "Send a finite number.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "string_type": "Send text, in quotes.",
    "list_type": "Send a list: […].",
    "greater_than": "Send a value greater than {gt}.",
    "greater_than_equal": "Send a value of at least {ge}.",
    "less_than": "Send a value less than {lt}.",
    "less_than_equal": "Send a value of at most {le}.",
    "string_too_short": "Send at least {min_length} characters.",
    "string_too_long": "Send at most {max_length} characters.",
    "string_pattern_mismatch": "Send text that matches {pattern}",
    "too_long": "Send at most {max_length} of them.",
    "too_short": "Send at least {min_length} of them.",
    "literal_error": "Send {expected}.",
    "enum": "Choose one of {expected}.",
}


def describe(
    found: Sequence[Any],
    *,
    content: Any = None,
    model: type[BaseModel] | None = None,
) -> list[InputProblem]:
    """Return the findings as problems, without echoing what was sent.

    With the body's ``content`` pointers lead through what is really there: pydantic
    adds the members of a union to its paths. With its ``model`` unknown fields get the
    names that they may have been meant for.
    """
    problems: dict[str, InputProblem] = {}
    size = 0
    for finding in found:
        kind, context = finding["type"], finding.get("ctx") or {}
        path = list(finding["loc"])
        if path and path[0] == "body":
            path = path[1:]
        if content is not None and path:
            last = [path[-1]] if kind == "missing" else []
            path = existing(content, path[: -1 if last else None]) + last
        pointer = to_pointer([*path, *context.get("path", ())])
        if pointer in problems:
            continue
        problem = InputProblem(
            pointer=pointer,
            detail=_detail(kind, finding["msg"]),
            suggestion=_suggestion(kind, path, context, model),
        )
        size += len(problem.model_dump_json())
        if problems and size > MAX_BYTES:
            break
        problems[pointer] = problem
        if len(problems) == MAX_PROBLEMS:
            break
    return list(problems.values())


@contextmanager
def below(pointer: str) -> Iterator[None]:
    """Let pointers show where in the whole body this part of it lies."""
    try:
        yield
    except InvalidInputError as error:
        problems = [
            each.model_copy(
                update={"pointer": pointer + each.pointer.removeprefix("#")}
            )
            for each in error.problems
        ]
        raise InvalidInputError(
            error.message, problems=problems, suggestion=error.suggestion
        ) from None


def to_pointer(path: Sequence[str | int]) -> str:
    """Return a JSON pointer into the body, or ``#query/limit`` for a parameter."""
    prefix = "#"
    parts = [str(part) for part in path]
    if len(parts) > 1 and parts[0] in PARAMETER_KINDS:
        prefix += parts.pop(0)
    escaped = [part.replace("~", "~0").replace("/", "~1") for part in parts]
    # A key of the caller's own may hold anything; a pointer is plain text.
    pointer = "/".join([prefix, *escaped]).encode("ascii", "backslashreplace").decode()
    plain = "".join(c if c.isprintable() else "?" for c in pointer)
    return clipped(plain, MAX_POINTER)


def clipped(text: str, length: int) -> str:
    """Return the text, or its beginning."""
    return text if len(text) <= length else text[: length - 1] + "…"


def existing(content: Any, path: Sequence[str | int]) -> list[str | int]:
    """Return what of the path leads through what was sent: the rest names unions."""
    there: list[str | int] = []
    for part in path:
        if isinstance(content, dict):
            if part not in content:
                continue
        elif not (
            isinstance(content, list)
            and isinstance(part, int)
            and 0 <= part < len(content)
        ):
            continue
        content = content[part]
        there.append(part)
    return there


def _detail(kind: str, message: str) -> str:
    return clipped(DETAILS.get(kind, message.removeprefix("Value error, ")), MAX_TEXT)


def _suggestion(
    kind: str,
    path: Sequence[str | int],
    context: Mapping[str, Any],
    model: type[BaseModel] | None,
) -> str:
    if "suggestion" in context:
        return clipped(str(context["suggestion"]), MAX_TEXT)
    if kind == "extra_forbidden":
        return _about_unknown(path, model)
    name = clipped(str(path[-1]) if path else "it", 60)
    advice = SUGGESTIONS.get(kind, "Correct it; /openapi.json describes the field.")
    return clipped(advice.format(**{**context, "name": name}), MAX_TEXT)


def _about_unknown(path: Sequence[str | int], model: type[BaseModel] | None) -> str:
    known = _fields_at(model, path[:-1])
    meant = did_you_mean(str(path[-1]), known).rstrip() if path else ""
    if meant:
        return meant
    if known:
        names = ", ".join(known[:MAX_KNOWN])
        return clipped(f"Leave it out; the fields here are {names}.", MAX_TEXT)
    return "Leave it out."


def _fields_at(model: type[BaseModel] | None, path: Sequence[str | int]) -> list[str]:
    for part in path:
        field = None if model is None else model.model_fields.get(str(part))
        if field is None:
            return []
        model = next(
            (
                each
                for each in (field.annotation, *get_args(field.annotation))
                if isinstance(each, type) and issubclass(each, BaseModel)
            ),
            None,
        )
    return [] if model is None else list(model.model_fields)
