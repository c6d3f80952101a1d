"""Bodies that no one should send, and where the answer has to point."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DEEP, DEEP_ENOUGH = 100_000, 980
MEGABYTE = "a" * 2**20
GOOD = [[0, 3], [3, 0]]
HUGE = [[2**40] * 2] * 2
WRONG_KINDS: dict[str, Any] = {
    "text": "seven",
    "digits in text": "7",
    "boolean": True,
    "list": [7],
    "object": {"value": 7},
}


@dataclass(frozen=True)
class Endpoint:
    """A path, and where its body has the instance and a matrix."""

    path: str
    instance: tuple[str, ...]
    matrix: str
    other: dict[str, Any]

    def body(self, **instance: Any) -> dict[str, Any]:
        body: dict[str, Any] = {**instance}
        for name in reversed(self.instance):
            body = {name: body}
        return body

    def with_matrix(self, matrix: Any) -> dict[str, Any]:
        return self.body(**{**self.other, self.matrix: matrix})

    def pointer(self, *path: str) -> str:
        return "/".join(["#", *self.instance, *path])


ENDPOINTS = [
    Endpoint("/v1/jobs", ("instance",), "flow", {"distance": GOOD}),
    Endpoint("/v1/instances", (), "flow", {"distance": GOOD}),
    Endpoint("/solve", (), "problem_matrix", {}),
    Endpoint("/solve-async", (), "problem_matrix", {"flow_matrix": GOOD}),
]

RAW: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n\t ",
    "a list": b"[]",
    "a full list": b'[{"instance": {"name": "nug12"}}]',
    "text": b'"solve nug12"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "an empty object": b"{}",
    "half an object": b'{"instance": {"name": ',
    "a comma too many": b'{"instance": {"name": "nug12"},}',
    "single quotes": b"{'instance': {'name': 'nug12'}}",
    "a comment": b'{"seed": 1 /* one */}',
    "two documents": b'{"seed": 1} {"seed": 2}',
    "invalid UTF-8": b'{"instance": {"name": "\xff\xfe"}}',
    "overlong UTF-8": b'{"instance": {"name": "\xc0\xaf"}}',
    "UTF-16": '{"instance": {"name": "nug12"}}'.encode("utf-16"),
    "UTF-16 without a mark": '{"instance": {"name": "nug12"}}'.encode("utf-16-be"),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + b'{"instance": {"name": "nug12"}}',
    "a NUL byte": b'{"instance": \x00{"name": "nug12"}}',
    "only NUL bytes": bytes(1000),
    "lists too deep to read": b"[" * DEEP + b"]" * DEEP,
    "objects too deep to read": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "lists too deep to answer": b"[" * DEEP_ENOUGH + b"]" * DEEP_ENOUGH,
    "deep in a field": b'{"instance": ' + b"[" * 900 + b"]" * 900 + b"}",
    "an integer of a million digits": b'{"seed": ' + b"9" * 10**6 + b"}",
    "a float of a million digits": b'{"seed": 0.' + b"9" * 10**6 + b"}",
    "a surrogate in a value": b'{"instance": {"name": "\\ud800"}}',
    "a surrogate in a key": b'{"\\udfff": 1}',
    "a surrogate in a list": b'{"instance": {"flow": [["\\ud800"]]}}',
    "two thousand fields": json.dumps(dict.fromkeys(map(str, range(2000)))).encode(),
    "a field name of a megabyte": json.dumps({MEGABYTE: 1}).encode(),
    "a field of a megabyte": json.dumps({"unknown": MEGABYTE}).encode(),
    "a name of a megabyte": json.dumps({"instance": {"name": MEGABYTE}}).encode(),
    "duplicate keys": b'{"instance": {"name": "nug12"}, "instance": 7}',
}
NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "0x10", "1_000", "+1"]

MATRICES: dict[str, tuple[Any, str]] = {
    "text": ("0 3 3 0", ""),
    "a number": (5, ""),
    "a boolean": (True, ""),
    "an object": ({"0": [0, 3]}, ""),
    "no rows": ([], ""),
    "one row": ([[7]], ""),
    "an empty row": ([[]], ""),
    "empty rows": ([[], []], "/0"),
    "a flat list": ([0, 3, 3, 0], "/0"),
    "a row of text": ([[0, 3], "30"], "/1"),
    "a row that is null": ([[0, 3], None], "/1"),
    "ragged": ([[0, 3, 1], [3, 0], [1, 2, 0]], "/1"),
    "wider than high": ([[0, 3, 1], [3, 0, 2]], "/0"),
    "text inside": ([[0, "3"], [3, 0]], "/0/1"),
    "a boolean inside": ([[0, 3], [True, 0]], "/1/0"),
    "null inside": ([[0, 3], [3, None]], "/1/1"),
    "an object inside": ([[0, {}], [3, 0]], "/0/1"),
    "a list inside": ([[0, [3]], [3, 0]], "/0/1"),
    "beyond 64 bits": ([[0, 2**63], [3, 0]], "/0/1"),
    "far beyond 64 bits": ([[0, 3], [10**30, 0]], "/1/0"),
    "a float beyond 64 bits": ([[0, 3.5], [3, -1e300]], "/1/1"),
    "n = 1001": ([[0] * 1001] * 1001, ""),
}

INSTANCES: dict[str, tuple[dict[str, Any], str]] = {
    "flow without distance": ({"flow": GOOD}, "/distance"),
    "distance without flow": ({"distance": GOOD}, "/flow"),
    "a linear term alone": ({"linear": GOOD, "name": "x"}, "/linear"),
    "two orders": ({"flow": GOOD, "distance": [[0] * 3] * 3}, "/distance"),
    "an objective beyond 64 bits": ({"flow": HUGE, "distance": HUGE}, ""),
    "two ways": ({"costs": GOOD, "sha256": "0" * 64}, "/costs"),
    "an unknown name": ({"name": "nug13"}, "/name"),
    "an empty name": ({"name": ""}, "/name"),
    "a name with a NUL": ({"name": "a\0b", "costs": GOOD}, "/name"),
    "a name with a line end": ({"name": "a\nb", "costs": GOOD}, "/name"),
    "an unknown hash": ({"sha256": "0" * 64}, "/sha256"),
    "no hash": ({"sha256": "xyz"}, "/sha256"),
    "an unknown field": ({"name": "nug12", "flows": GOOD}, "/flows"),
    "no QAPLIB text": ({"qaplib": "nug12"}, "/qaplib"),
    "QAPLIB text of n = 1": ({"qaplib": "1 0 0"}, "/qaplib"),
    "QAPLIB text of n = 1001": ({"qaplib": "1001 0 0"}, "/qaplib"),
    "QAPLIB text that ends early": ({"qaplib": "2 0 3 3 0 0 1 1"}, "/qaplib"),
    "QAPLIB text that goes on": ({"qaplib": "2 0 3 3 0 0 1 1 0 9"}, "/qaplib"),
    "QAPLIB text with fractions": ({"qaplib": "2 0 3 3 0 0 1.5 1 0"}, "/qaplib"),
    "QAPLIB text with a NUL": ({"qaplib": "2 0 3 3 0 0 \0 1 0"}, "/qaplib"),
    "QAPLIB digits of elsewhere": ({"qaplib": "٢ 0 3 3 0 0 1 1 0"}, "/qaplib"),
}  # fmt: skip


def job_fields() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield fields of a submission that are wrong, and where."""
    for kind, value in WRONG_KINDS.items():
        for field in ("seed", "limits", "method", "parameters", "webhook_url"):
            is_right = {"limits": dict, "parameters": dict, "method": str}.get(field)
            if is_right is None or not isinstance(value, is_right):
                yield f"{field} is {kind}", {field: value}, f"#/{field}"
        for limit in ("time_s", "iterations", "gap", "target_objective", "deadline_s"):
            body = {"limits": {limit: value}}
            yield f"{limit} is {kind}", body, f"#/limits/{limit}"
    for seed in (-1, 2**63, 2**64, 10**30, 1.5):
        yield f"seed is {seed}", {"seed": seed}, "#/seed"
    for limit, numbers in {
        "time_s": (0, -1, 86_401, 1e300),
        "iterations": (0, -1, 2**63, 10**30, 1.5),
        "gap": (-0.1, 1.1),
        "target_objective": (10**30,),
        "stall_s": (0,),
        "deadline_s": (0, 1e9),
    }.items():
        for number in numbers:
            body = {"limits": {limit: number}}
            yield f"{limit} is {number}", body, f"#/limits/{limit}"
    yield "an unknown kind", {"kind": "dance"}, "#/kind"
    yield "an unknown method", {"method": "tabu_serch"}, "#/method"
    yield "a method of no flow", {"method": "linear_assignment"}, "#/method"
    yield "an unknown field", {"sed": 7}, "#/sed"
    yield "an unknown limit", {"limits": {"tine_s": 7}}, "#/limits/tine_s"
    yield "an odd field", {"a/b~c\u2028": 7}, "#/a~1b~0c\\u2028"
    yield "an unknown parameter", {"parameters": {"x/y": 1}}, "#/parameters/x~1y"
    many = {str(number): 1 for number in range(51)}
    yield "51 parameters", {"parameters": many}, "#/parameters"
    yield "a secret alone", {"webhook_secret": "whsec_" + "A" * 40}, "#/webhook_secret"
    yield "a weak secret", {"webhook_secret": "whsec_A"}, "#/webhook_secret"


WEBHOOKS = [
    "http://example.com/",
    "ftp://example.com/",
    "https://",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://10.1.2.3/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fe80::1%25eth0]/",
    "https://user:password@example.com/",
    "https://example.com:22/",
    "https://example.com:99999/",
    "https://exa mple.com/",
    "https://example.com/\0",
    "https://example.com/\r\nHost: x",
    "https://ex\u00e4mple.com/",
    "https://" + "a" * 3000 + ".com/",
]
