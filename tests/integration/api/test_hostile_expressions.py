"""Expressions that mean harm: refused at once, or ended as jobs that say why.

The machine's memory stays as it was, and nothing of it is a fault of ours.
"""

import gc
import json
import time
from typing import Any

import psutil
import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from db.contracts.expression import is_bounded, parse
from tests.integration.api.live import LiveApi
from tests.integration.api.live_client import client_of
from tests.integration.api.test_generated_calculations import ended
from tests.one_worker import OneWorker
from worker.isolation import MODULE, end_idle

EDGE_SECONDS = 0.1
"""What a refusal may take, in the median of all; one may meet a busy machine."""
MANY = 500
GROWTH_BYTES = 40 * 2**20

AT_THE_EDGE: dict[str, Any] = {
    "deep": "(" * 61 + "1" + ")" * 61,
    "deeper": "(" * 1000 + "1" + ")" * 1000,
    "deepest calls": "sin(" * 100 + "1" + ")" * 100,
    "signs": "-" * 200 + "1",
    "tower": "9**9**9**9",
    "tower of fractions": "2.5**9.5**99**9",
    "small tower": "0.5**9**9**9",
    "attribute": "().__class__.__bases__[0].__subclasses__()",
    "attribute of a name": "x.__class__",
    "dunder": "__import__('os').system('true')",
    "dunder name": "__builtins__",
    "lambda": "(lambda: 1)()",
    "f-string": "f'{9**9**9}'",
    "string": "'a'*10**9",
    "comprehension": "[x for x in (1,)*10**9]",
    "walrus": "(x:=1)",
    "statement": "import os",
    "semicolon": "1;2",
    "new line": "1\n2",
    "nul": "1\x00+1",
    "comment": "1 # 2",
    "bidi": "1\u202e+2",
    "full-width digits": "\uff11+\uff12",
    "arabic digits": "\u0661+1",
    "mathematical letters": "\U0001d42c\U0001d422\U0001d427(1)",
    "cyrillic": "\u0455in(1)",
    "long s": "\u017fin(1)",
    "underscores": "1_000",
    "hexadecimal": "0xff",
    "imaginary": "1j",
    "bytes": "b'1'",
    "long literal": "1" * 1001,
    "huge literal": "1e1000001",
    "huge literal exponent": "1e" + "9" * 900,
    "too long": "1+" * 500_000 + "1",
    "too many parts": "+".join("1" * 401),
    "too many arguments": "min(" + "1," * 60 + "1)",
    "unknown": "open(1)",
    "keyword": "exp(x=1)",
    "star": "min(*x)",
    "empty": "",
    "blank": "   ",
    "power sign": "2^10",
    "nan": "nan",
    "infinity": "inf",
    "no text": 7,
    "list": ["1"],
    "object": {"a": 1},
    "null": None,
}
"""What can be seen before anything is computed, each as the expression."""

AT_THE_EDGE_ELSEWHERE: dict[str, Any] = {
    "a million digits": {"expression": "pi", "digits": 10**6},
    "digits 1e308": {"expression": "pi", "digits": 1e308},
    "no digits": {"expression": "pi", "digits": 0},
    "negative digits": {"expression": "pi", "digits": -1},
    "true digits": {"expression": "pi", "digits": True},
    "text digits": {"expression": "pi", "digits": "15"},
    "costly": {
        "expression": "+".join(f"zeta(0.{n})" for n in range(100, 180)),
        "digits": 10_000,
    },
    "beyond a function": {"expression": "hurwitz(2,3)", "digits": 2001},
    "long value": {"expression": "x", "variables": {"x": "9" * 10**5}},
    "huge exponent": {"expression": "x", "variables": {"x": "1e999999999"}},
    "deep exponent": {"expression": "x", "variables": {"x": "1e-999999999"}},
    "endless exponent": {"expression": "x", "variables": {"x": "1e" + "9" * 9000}},
    "value nan": {"expression": "x", "variables": {"x": "nan"}},
    "value Infinity": {"expression": "x", "variables": {"x": "Infinity"}},
    "value of 0": {"expression": "x", "variables": {"x": "1/0"}},
    "value of code": {"expression": "x", "variables": {"x": "9**9**9"}},
    "value of digits": {"expression": "x", "variables": {"x": "\u0661"}},
    "value underscored": {"expression": "x", "variables": {"x": "1_0"}},
    "nested value": {"expression": "x", "variables": {"x": {"x": [1]}}},
    "true value": {"expression": "x", "variables": {"x": True}},
    "shadowed function": {"expression": "sin(1)", "variables": {"sin": 1}},
    "shadowed constant": {"expression": "pi", "variables": {"pi": 3}},
    "name of look-alikes": {"expression": "1", "variables": {"\uff58": 1}},
    "long name": {"expression": "1", "variables": {"x" * 5000: 1}},
    "empty name": {"expression": "1", "variables": {"": 1}},
    "many names": {"expression": "1", "variables": {f"x{n}": 1 for n in range(21)}},
    "unknown field": {"expression": "1", "__proto__": {}},
}

AT_WORK: dict[str, str] = {
    "factorial": "factorial(10**9)",
    "exponential": "exp(exp(exp(100)))",
    "gamma": "gamma(1e30)",
    "pole": "gamma(-3 + 0*pi)",
    "hidden zero": "1/(sqrt(2)**2-2)",
    "jump": "floor(pi*0 + sqrt(2)**2)",
    "outside": "log(sin(-1))",
    "tower of values": "exp(9)**exp(99)**exp(9)",
    "no machine word": "hurwitz(1+1e-30, 1e100)",
    "turns": "sin(1e100000)",
    "abort": "polylog(-1e30, pi/1e50)",
    "order": "polylog(1e6, -1)",
    "orders": "polylog(1e20+pi, pi/1e50)",
    "nothing": "besselk(-1e6, 1e100000)",
}
"""What only computing shows: none of it takes long, and each job fails by its fault."""

FINE: dict[str, str] = {
    "a power": "2**10**8",
    "near 1": "zeta(1e1000)",
    "root": "root(2, 1000000)",
    "limit": "tanh(-1e100000)",
    "branch": "lambertw(-1e-100000, -1)",
    "tiny": "exp(-exp(10000))",
    "turns": "sin(10**1000)",
}
"""What looks worse than it is."""

RAW: dict[str, bytes] = {
    "NaN": b'{"parameters": {"expression": "x", "variables": {"x": NaN}}}',
    "1e400": b'{"parameters": {"expression": "x", "variables": {"x": 1e400}}}',
    "500 digits": b'{"parameters": {"expression": "x", "variables": {"x": %s}}}'
    % (b"9" * 500),
    "nested": b'{"parameters": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "nested parameters": b'{"parameters": {"variables": {"x":'
    + b'{"a":' * 100
    + b"1"
    + b"}" * 103,
    "surrogate": b'{"parameters": {"expression": "\\ud800"}}',
    "no UTF-8": b'{"parameters": {"expression": "\xff"}}',
}


def expressions() -> list[Any]:
    return [{"expression": each} for each in AT_THE_EDGE.values()]


def assert_refused(answer: Any, sent: Any) -> None:
    shown = repr(sent)[:120]
    assert answer.status_code == 422, (shown, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 4096, shown
    for each in answer.json()["errors"]:
        assert each["pointer"].startswith("#"), shown
        assert each["suggestion"], (shown, each)


def resident() -> int:
    size: int = psutil.Process().memory_info().rss
    return size


def not_apart(expression: str) -> bool:
    return is_bounded(parse(expression))


@pytest.mark.parametrize("name", ["evaluate", "tabulate", "convergence"])
def test_what_means_harm_is_refused_at_once(client: TestClient, name: str) -> None:
    sent = expressions()
    if name == "tabulate":
        sent = [{"values": [1], **each} for each in sent]
    if name == "evaluate":
        sent += AT_THE_EDGE_ELSEWHERE.values()
    # As a process begins, see api.main; its first request, whatever it asks, opens
    # connections.
    gc.collect()
    gc.freeze()
    assert client.get(f"/v1/calculations/{name}").status_code == 200
    times: list[tuple[float, str]] = []
    for parameters in sent:
        body = json.dumps({"parameters": parameters})
        began = time.perf_counter()
        answer = client.post(f"/v1/calculations/{name}", content=body)
        times.append((time.perf_counter() - began, repr(parameters)[:60]))
        assert_refused(answer, parameters)
    times.sort()
    (middle, _), (slowest, which) = times[len(times) // 2], times[-1]
    print(
        f"{name}: {len(times)} refused, median {1e3 * middle:.1f} ms, "
        f"slowest {1e3 * slowest:.1f} ms: {which}"
    )
    assert middle < EDGE_SECONDS
    assert slowest < 2


@pytest.mark.parametrize("body", RAW.values(), ids=RAW)
def test_what_is_no_body_is_refused(client: TestClient, body: bytes) -> None:
    assert_refused(client.post("/v1/calculations/evaluate", content=body), body)


def test_the_earlier_calculator_refuses_alike(client: TestClient) -> None:
    for given in AT_THE_EDGE.values():
        # Without one it has its own.
        if given is not None:
            body = {"input_value": 1.0, "expression": given}
            assert_refused(client.post("/api/v1/calculate", json=body), given)
    for digits in (0, 16, 1e308, "6", None, True):
        body = {"input_value": 1.0, "precision_level": digits}
        assert_refused(client.post("/api/v1/calculate", json=body), digits)
    for value in ("NaN", None, [], {}, True):
        body = {"input_value": value}
        assert_refused(client.post("/api/v1/calculate", json=body), value)


def test_a_socket_refuses_alike(live: LiveApi) -> None:
    with client_of(live, "/ws") as desk:
        for given in AT_THE_EDGE.values():
            if given is None or len(str(given)) > 10_000:
                continue
            told = desk.ask(
                "calculate",
                *("calculation_error", "calculation_update"),
                calculation_type="precision",
                parameters={"input_value": 1.0, "expression": given},
            )
            assert told["type"] == "calculation_error", str(given)[:80]
            assert told["suggestion"]
        assert desk.is_open()


def test_what_only_computing_shows_ends_with_its_reason(
    client: TestClient, app_backplane: Backplane
) -> None:
    worker = OneWorker(app_backplane)
    try:
        for expression in (*AT_WORK.values(), *FINE.values()):
            parameters = {"expression": expression}
            answer = client.post(
                "/v1/calculations/evaluate",
                json={"parameters": parameters, "time_s": 20},
            )
            assert answer.status_code == 202, (expression, answer.text)
            job = ended(client, worker, answer.json()["links"]["self"])
            if expression in FINE.values():
                assert job["state"] == "succeeded", (expression, job["error"])
                continue
            assert job["state"] == "failed", expression
            assert job["error"]["code"] == "invalid-input", (expression, job["error"])
            assert job["error"]["suggestion"], expression
    finally:
        end_idle()


def test_what_never_ends_is_ended_and_the_worker_goes_on(
    client: TestClient, app_backplane: Backplane
) -> None:
    worker = OneWorker(app_backplane)
    # Some seconds in one call of the library, which hears of nothing meanwhile.
    endless = {"expression": "zeta(2.5)", "digits": 10_000, "check": False}
    for parameters, end in ((endless, "time-limit"), ({"expression": "1/3"}, None)):
        answer = client.post(
            "/v1/calculations/evaluate",
            json={"parameters": parameters, "time_s": 1},
        )
        job = ended(client, worker, answer.json()["links"]["self"])
        assert (job["error"] or {}).get("code") == end
    commands = [child.cmdline() for child in psutil.Process().children()]
    assert not [each for each in commands if MODULE in each]


def test_memory_stays_as_it_was(client: TestClient, app_backplane: Backplane) -> None:
    worker, sent = OneWorker(app_backplane), expressions()
    sent += AT_THE_EDGE_ELSEWHERE.values()
    sent += [{"expression": each} for each in AT_WORK.values() if not_apart(each)]

    def send(count: int) -> None:
        for number in range(count):
            parameters = sent[number % len(sent)]
            body = json.dumps({"parameters": parameters, "cache": False})
            client.post("/v1/calculations/evaluate", content=body)
            worker.work()

    try:
        send(len(sent))
        before = resident()
        send(MANY)
        grown = resident() - before
    finally:
        end_idle()
    print(f"{MANY} requests: {grown / 2**20:+.1f} MiB")
    assert grown < GROWTH_BYTES
