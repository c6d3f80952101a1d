"""The pages about the Python client name what it has, and all of it."""

import inspect
import re
from pathlib import Path

import pytest

from api.client import AsyncClient, Client

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "python-client.md").read_text(encoding="utf-8")
HOW_TO = (DOCS / "howto" / "use-the-python-client.md").read_text(encoding="utf-8")
BORN_WITH = {"base_url", "aclose"}


def names(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


@pytest.fixture
def client() -> Client:
    return Client()


def test_the_table_names_every_method(client: Client) -> None:
    missing = [
        f"{resource}.{name}"
        for resource in names(client) - BORN_WITH
        for name in [resource, *resource_methods(client, resource)]
        if f"`{name}`" not in REFERENCE and f"`{name}(" not in REFERENCE
    ]
    assert missing == []


def resource_methods(client: Client, name: str) -> set[str]:
    thing = getattr(client, name)
    return set() if inspect.ismethod(thing) else names(thing)


def test_the_how_to_names_what_there_is(client: Client) -> None:
    found = re.findall(r"\bclient((?:\.[a-z_]+)+)\(", HOW_TO)
    assert len(found) > 20
    for path in found:
        thing: object = client
        for name in path.split(".")[1:]:
            thing = getattr(thing, name)
        assert callable(thing)


def test_both_clients_have_the_same_names(client: Client) -> None:
    asynchronous = AsyncClient()
    assert names(asynchronous) - {"aclose"} == names(client) - {"close"}
    for name in names(client) - {"close"}:
        ours = getattr(client, name)
        theirs = getattr(asynchronous, name)
        if not inspect.ismethod(ours):
            assert names(ours) == names(theirs)
            continue
        assert list(inspect.signature(ours).parameters) == list(
            inspect.signature(theirs).parameters
        )
