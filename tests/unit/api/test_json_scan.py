"""What is looked at before a body is parsed, against what a parser makes of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import json_scan
from api.json_scan import MAX_DEPTH, MAX_DIGITS, find_excess

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text('a"\\[]{},\n0é', max_size=9)
)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('a"\\[{', max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


def depth_of(node: Any) -> int:
    """Return how deep it is nested, as the parsed document has it."""
    if isinstance(node, dict):
        node = list(node.values())
    if not isinstance(node, list):
        return 0
    return 1 + max(map(depth_of, node), default=0)


def detail(body: bytes) -> str:
    found = find_excess(body)
    return found.detail if found else ""


@given(document=DOCUMENTS, above=st.integers(0, MAX_DEPTH + 3), size=st.integers(1, 60))
def test_the_depth_is_that_of_the_document(
    document: Any, above: int, size: int
) -> None:
    """Small chunks, so that texts and escapes lie across their borders."""
    for _ in range(above):
        document = [document]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scan, "CHUNK_BYTES", size)
        for is_ascii in (True, False):
            body = json.dumps(document, ensure_ascii=is_ascii).encode()
            is_deep = "nested deeper" in detail(body)
            assert is_deep == (depth_of(document) > MAX_DEPTH)


@given(
    before=st.binary(max_size=700).map(
        lambda some: some.translate(None, b"0123456789")
    ),
    count=st.integers(0, 3 * MAX_DIGITS),
    size=st.integers(1, 900),
)
def test_digits_in_a_row_are_counted_wherever_they_stand(
    before: bytes, count: int, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scan, "CHUNK_BYTES", size)
        body = b"[" + before + b"7" * count + b"]"
        assert ("digits in a row" in detail(body)) == (count > MAX_DIGITS)


def test_numbers_that_touch_are_not_one() -> None:
    run = b"1" * MAX_DIGITS
    assert detail(b"[" + b",".join([run] * 1000) + b"]") == ""
    assert detail(b"[" + run + b"." + run + b"e" + run + b"]") == ""


@pytest.mark.parametrize(
    ("piece", "limit", "what"),
    [
        (b"[]", "MAX_CONTAINERS", "lists and objects"),
        (b"{}", "MAX_CONTAINERS", "lists and objects"),
        (b'"[{"', "MAX_STRINGS", "texts"),
        (b"1", "MAX_VALUES", "values"),
    ],
)
def test_what_there_is_too_much_of_is_named(
    monkeypatch: pytest.MonkeyPatch, piece: bytes, limit: str, what: str
) -> None:
    monkeypatch.setattr(json_scan, limit, 1000)
    assert detail(b"[" + b",".join([piece] * 990) + b"]") == ""
    assert detail(b"[" + b",".join([piece] * 1010) + b"]") == f"more than 1,000 {what}"


@pytest.mark.parametrize("body", [b"", b"{", b'"', b"\\", b'"\\', b"]" * 100, b"\xff"])
def test_what_is_no_json_is_left_to_the_parser(body: bytes) -> None:
    assert find_excess(body) is None


def test_brackets_in_texts_are_text() -> None:
    assert detail(b'["' + b"[" * 100 + b'"]') == ""
    assert detail(b'["\\"' + b"[" * 100 + b'"]') == ""
    assert detail(b'["\\\\"' + b"," + b"[" * 100) != ""
