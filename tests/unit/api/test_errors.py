"""Every error of the service has its status, and every answer one form."""

import json
from collections.abc import Iterator

import pytest
from fastapi import Request

from api.errors import STATUS, problem
from db.contracts.errors import InputProblem, ServiceError


def below(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


@pytest.mark.parametrize("kind", sorted(set(below(ServiceError)), key=str))
def test_every_error_has_a_status_a_code_and_a_way_out(
    kind: type[ServiceError],
) -> None:
    assert kind in STATUS
    error = kind()
    assert error.message
    assert error.suggestion
    assert error.code == error.code.lower()
    assert kind.retryable == (STATUS[kind] == 503)


def answer(path: str, **changes: object) -> dict[str, object]:
    fields = {"code": "result-gone", "detail": "why", "suggestion": "what", **changes}
    request = Request({"type": "http", "path": path, "headers": []})
    response = problem(request, 410, **fields)  # type: ignore[arg-type]
    assert response.media_type == "application/problem+json"
    assert len(response.body) <= 4096
    found: dict[str, object] = json.loads(response.body)
    return found


def test_a_problem_speaks_both_languages() -> None:
    told = answer("/v1/jobs/x")
    assert (told["type"], told["title"], told["status"]) == (
        "/problems/result-gone",
        "Gone",
        410,
    )
    assert told["message"] == told["detail"] == "why"
    assert (told["error_code"], told["instance"]) == ("RESULT_GONE", "/v1/jobs/x")
    assert told["error"] == told["title"]
    assert told["details"] == {"code": "result-gone", "status": 410, "problems": 0}


def test_what_has_no_page_says_so() -> None:
    assert answer("/", code="im-a-teapot")["type"] == "about:blank"


@pytest.mark.parametrize("path", ["/\x00" * 5000, "/\ud800", "/é\n", "//["])
def test_no_path_makes_a_problem_large_or_invalid(path: str) -> None:
    assert str(answer(path)["instance"]).isascii()


def test_a_long_story_is_cut() -> None:
    long = "x" * 100_000
    told = answer(
        "/",
        detail=long,
        suggestion=long,
        problems=[InputProblem(pointer="#", detail="d", suggestion="s")],
    )
    assert str(told["detail"]).endswith("…")
