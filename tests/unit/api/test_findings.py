"""Findings become problems: a pointer that is right, and advice that helps."""

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.findings import MAX_BYTES, MAX_POINTER, MAX_PROBLEMS, describe, to_pointer
from db.contracts.errors import InputProblem


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    height: int | float = Field(1, ge=0)
    width: dict[str, bool | int | float] = {}


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    needed: int
    inner: Inner | None = None
    names: list[str] = []


def problems_of(content: Any) -> list[InputProblem]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(content, strict=True)
    return describe(caught.value.errors(), content=content, model=Outer)


def only_problem_of(content: Any) -> InputProblem:
    (problem,) = problems_of(content)
    return problem


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ([], "#"),
        (["instance", "flow", 3], "#/instance/flow/3"),
        (["a/b", "c~d"], "#/a~1b/c~0d"),
        (["query", "limit"], "#query/limit"),
        (["path", "job_id"], "#path/job_id"),
        (["query"], "#/query"),
        (["é\n\u2028"], "#/\\xe9?\\u2028"),
    ],
)
def test_a_path_becomes_a_pointer(path: list[str | int], pointer: str) -> None:
    assert to_pointer(path) == pointer


def test_a_pointer_is_never_long() -> None:
    assert len(to_pointer(["a" * 10_000] * 10)) == MAX_POINTER


def test_members_of_a_union_are_one_problem_at_the_field() -> None:
    problem = only_problem_of({"needed": 1, "inner": {"height": "tall"}})
    assert problem.pointer == "#/inner/height"
    problem = only_problem_of({"needed": 1, "inner": {"width": {"a": "wide"}}})
    assert problem.pointer == "#/inner/width/a"


def test_a_missing_field_is_pointed_at_where_it_belongs() -> None:
    problem = only_problem_of({})
    assert (problem.pointer, problem.suggestion) == ("#/needed", "Add needed.")


def test_an_unknown_field_is_matched_with_those_of_its_own_object() -> None:
    problem = only_problem_of({"needed": 1, "inner": {"heights": 2}})
    assert problem.pointer == "#/inner/heights"
    assert problem.suggestion == "Did you mean height?"


def test_an_unknown_field_like_no_other_is_told_what_there_is() -> None:
    problem = only_problem_of({"needed": 1, "zzz": 2})
    assert problem.suggestion == (
        "Leave it out; the fields here are needed, inner, names."
    )


def test_a_bound_is_named() -> None:
    problem = only_problem_of({"needed": 1, "inner": {"height": -1}})
    assert problem.suggestion == "Send a value of at least 0."


@pytest.mark.parametrize("content", [5, None, [], "text", True])
def test_what_is_no_object_is_told_so(content: Any) -> None:
    problem = only_problem_of(content)
    assert (problem.pointer, problem.detail) == ("#", "not a JSON object")


def test_many_findings_are_cut_to_a_few() -> None:
    content = {"needed": 1, "names": [0] * 1000}
    assert len(problems_of(content)) == MAX_PROBLEMS


def test_problems_together_stay_small() -> None:
    content = {"needed": 1, **{"x" * 1000 + str(number): 1 for number in range(100)}}
    told = sum(len(problem.model_dump_json()) for problem in problems_of(content))
    assert told <= MAX_BYTES


def test_nothing_that_was_sent_is_echoed_but_the_pointer() -> None:
    content = {"needed": "a secret", "names": [1]}
    assert "secret" not in "".join(p.model_dump_json() for p in problems_of(content))
