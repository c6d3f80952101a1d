"""So many streams are open at once, of the process and of each caller."""

import pytest

from api.relay.places import Places
from db.contracts.caller import Caller
from db.contracts.errors import RateLimitedError, ServiceFullError
from db.contracts.settings import Settings

ALICE, BOB = Caller(name="alice"), Caller(name="bob")


@pytest.fixture
def places() -> Places:
    return Places(Settings(max_streams=3, max_streams_per_caller=2))


def test_a_caller_has_its_share(places: Places) -> None:
    held = [places.take(ALICE), places.take(ALICE)]
    with pytest.raises(RateLimitedError) as refused:
        places.take(ALICE)
    assert refused.value.retry_after_s
    places.take(BOB)
    held[0].leave()
    assert places.taken == 2
    places.take(ALICE)


def test_the_process_has_its_limit(places: Places) -> None:
    for caller in (ALICE, ALICE, BOB):
        places.take(caller)
    with pytest.raises(ServiceFullError) as full:
        places.take(BOB)
    assert full.value.retry_after_s


def test_a_place_moves_to_whom_the_first_frame_names(places: Places) -> None:
    moved = places.take(BOB)
    places.take(ALICE)
    moved.is_of(ALICE)
    with pytest.raises(RateLimitedError):
        places.take(ALICE)
    third = places.take(BOB)
    with pytest.raises(RateLimitedError):
        third.is_of(ALICE)
    for place in (moved, third):
        place.leave()
    assert places.taken == 1


def test_a_place_is_left_when_the_context_ends(places: Places) -> None:
    with places.taking(ALICE):
        assert places.taken == 1
    assert places.taken == 0
