"""What the documentation shows of a session with the core is what happens."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(
    path.relative_to(DOCS)
    for path in DOCS.rglob("*.md")
    if "```pycon\n" in path.read_text(encoding="utf-8")
)


def test_some_pages_show_a_session() -> None:
    assert PAGES


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_session_runs_as_shown(page: Path) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    session = "".join(re.findall(r"^```pycon\n(.*?)^```$", text, re.DOTALL | re.M))
    parsed = doctest.DocTestParser().get_doctest(session, {}, str(page), None, None)
    told: list[str] = []
    results = doctest.DocTestRunner().run(parsed, out=told.append)
    assert results.attempted
    assert not results.failed, "".join(told)
