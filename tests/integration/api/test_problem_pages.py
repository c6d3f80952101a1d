"""/problems as browsers and programs ask for it."""

from html import unescape
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from api.problem_pages import PAGES

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Links(HTMLParser):
    """Where a page leads, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self.links.append(told["href"] or "")
        elif tag in ("script", "style", "link", "img"):
            self.loaded.append(tag)


@pytest.mark.parametrize("slug", PAGES)
def test_every_page_is_there_in_all_forms(client: TestClient, slug: str) -> None:
    told = client.get(f"/problems/{slug}").json()
    assert told["example"]["details"]["code"] == slug
    assert told["example"]["status"] == told["status"]
    for accept, media_type in ((BROWSER, "text/html"), ("text/markdown",) * 2):
        answer = client.get(f"/problems/{slug}", headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(media_type)
        assert "Accept" in answer.headers["vary"].split(", ")
        assert told["todo"].split("`")[0] in unescape(answer.text)


def test_a_page_needs_nothing_else_and_leads_to_all_others(client: TestClient) -> None:
    page = Links(client.get("/problems", headers={"Accept": BROWSER}).text)
    assert page.loaded == []
    assert page.links == [f"/problems/{slug}" for slug in PAGES]
    for link in page.links:
        one = Links(client.get(link, headers={"Accept": BROWSER}).text)
        assert (one.loaded, one.links) == ([], ["/problems"])


def test_a_page_that_there_is_not_is_a_problem(client: TestClient) -> None:
    answer = client.get("/problems/nothing")
    assert answer.status_code == 404
    assert client.get(answer.json()["type"]).status_code == 200
