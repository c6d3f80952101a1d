"""Bodies are bounded, JSON and nothing else, and taken literally."""

import asyncio
from typing import Any

import pytest
from fastapi import Request
from pydantic import BaseModel, ConfigDict

from api.body import MAX_FIELDS, parse, read_body, require_json
from api.json_scan import MAX_DEPTH
from db.contracts.errors import (
    InvalidInputError,
    TooLargeError,
    UnsupportedMediaTypeError,
)
from db.contracts.settings import Settings

SETTINGS = Settings(max_body_bytes=1024)


class Wish(BaseModel):
    model_config = ConfigDict(extra="allow")
    count: int = 0
    share: float = 0.0
    is_urgent: bool = False
    anything: Any = None


def request(chunks: list[bytes], **headers: str) -> Request:
    sent = iter(chunks)

    async def receive() -> dict[str, Any]:
        chunk = next(sent, None)
        more = chunk is not None
        return {"type": "http.request", "body": chunk or b"", "more_body": more}

    raw = [
        (name.replace("_", "-").encode(), value.encode())
        for name, value in headers.items()
    ]
    return Request({"type": "http", "headers": raw}, receive)


def read(chunks: list[bytes], **headers: str) -> bytes:
    return asyncio.run(read_body(request(chunks, **headers), SETTINGS))


def test_chunks_are_joined_up_to_the_limit() -> None:
    assert read([b"a" * 512, b"b" * 512]) == b"a" * 512 + b"b" * 512


def test_reading_stops_at_the_limit() -> None:
    def endless() -> Any:
        yield from (b"a" * 100 for _ in range(12))
        pytest.fail("read on")

    with pytest.raises(TooLargeError):
        asyncio.run(read_body(request(endless()), SETTINGS))


@pytest.mark.parametrize("length", ["1025", "9" * 19, "9" * 5000])
def test_a_length_beyond_the_limit_is_enough(length: str) -> None:
    with pytest.raises(TooLargeError):
        read([], content_length=length)


@pytest.mark.parametrize("encoding", ["gzip", "br", "GZIP", "identity,gzip", ""])
def test_a_compressed_body_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        read([b"{}"], content_encoding=encoding)


@pytest.mark.parametrize("encoding", ["identity", " Identity "])
def test_identity_is_no_compression(encoding: str) -> None:
    assert read([b"{}"], content_encoding=encoding) == b"{}"


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/x+json"],
)
def test_json_has_several_names(media_type: str) -> None:
    require_json(request([], content_type=media_type))


def test_a_body_without_a_type_is_taken_for_json() -> None:
    require_json(request([]))


@pytest.mark.parametrize("media_type", ["", "text/plain", "json", "application/jsonp"])
def test_other_types_are_refused(media_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        require_json(request([], content_type=media_type))


@pytest.mark.parametrize(
    "body",
    [
        b'{"count": "7"}',
        b'{"count": true}',
        b'{"count": 1.5}',
        b'{"share": "0.5"}',
        b'{"share": true}',
        b'{"is_urgent": 1}',
        b'{"is_urgent": "yes"}',
    ],
)
def test_a_value_of_another_type_is_not_converted(body: bytes) -> None:
    with pytest.raises(InvalidInputError):
        parse(Wish, body)


def test_a_whole_float_is_an_integer_and_an_integer_a_float() -> None:
    wish = parse(Wish, b'{"count": 7.0, "share": 1}')
    assert (wish.count, wish.share) == (7, 1.0)
    assert type(wish.count) is int


def test_a_whole_float_beyond_64_bits_is_none() -> None:
    with pytest.raises(InvalidInputError):
        parse(Wish, b'{"count": 1e30}')


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_depth_is_bounded(opening: str) -> None:
    closing = "]" if opening == "[" else "}"

    def nested(levels: int) -> bytes:
        inside = opening * levels + "1" + closing * levels
        return f'{{"anything": {inside}}}'.encode()

    parse(Wish, nested(MAX_DEPTH - 1))
    with pytest.raises(InvalidInputError, match="nested deeper"):
        parse(Wish, nested(MAX_DEPTH))


def test_the_number_of_fields_is_bounded() -> None:
    def wide(count: int) -> bytes:
        fields = ",".join(f'"{number}":1' for number in range(count))
        return f'{{"anything": {{{fields}}}}}'.encode()

    parse(Wish, wide(MAX_FIELDS))
    with pytest.raises(InvalidInputError, match="more than 1000 fields"):
        parse(Wish, wide(MAX_FIELDS + 1))


def test_what_is_not_json_is_told_where() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse(Wish, b'{"count": NaN}')
    (problem,) = caught.value.problems
    assert problem.pointer == "#"
    assert "at byte 10" in problem.detail or "at byte" in problem.detail
