"""Every error that can be answered has a page, and every page is whole."""

from collections.abc import Iterator

import pytest

from api.errors import CODES, FAMILY, FAMILY_OF_CODE, STATUS, family_of
from api.problem_pages import ERRORS, OTHERS, PAGES, ProblemPage
from db.contracts.errors import ServiceError
from db.contracts.settings import Settings

FAMILIES = {
    "validation": {"VALIDATION_ERROR"},
    "timeout": {"TIMEOUT_ERROR"},
    "server": {"SERVER_ERROR", "INTERNAL_ERROR"},
    "rate-limit": {"RATE_LIMIT_EXCEEDED"},
    "circuit-breaker": {"CIRCUIT_BREAKER_OPEN"},
}


def below(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for error in root.__subclasses__():
        yield error
        yield from below(error)


def test_every_error_has_a_page() -> None:
    assert set(ERRORS) == set(below(ServiceError)) == set(STATUS)
    assert {kind.code for kind in ERRORS} <= set(PAGES)


def test_every_type_that_is_answered_has_a_page() -> None:
    assert set(PAGES) >= CODES


def test_every_family_of_the_contract_has_a_page() -> None:
    named = {*FAMILY.values(), *FAMILY_OF_CODE.values()}
    assert set().union(*FAMILIES.values()) == named
    for slug, families in FAMILIES.items():
        told = PAGES[slug].meaning + PAGES[slug].when
        assert all(family in told for family in families)


def test_no_two_pages_share_a_place() -> None:
    assert len(PAGES) == len(ERRORS) + len(OTHERS)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_says_what_when_and_what_to_do(page: ProblemPage) -> None:
    assert 400 <= page.status < 600
    for text in (page.meaning, page.when, page.todo):
        assert text
        assert text.endswith(".")
    assert family_of(page.slug, page.status).isupper()


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_names_settings_that_there_are(page: ProblemPage) -> None:
    known = {f"SOLVEQUEUE_{name.upper()}" for name in Settings.model_fields}
    words = {word.strip("`.,") for word in page.when.split()}
    assert {word for word in words if word.startswith("SOLVEQUEUE_")} <= known
