"""What every part of the service that is watched promises, asked of each."""

import pytest

from db.backplane import Backplane
from db.contracts.provider import CheckOutcome, ErrorType
from db.contracts.provider_faults import OWN_PARTS
from db.embedded_valkey import EmbeddedValkey
from schedules.provider_health.parts import PARTS, check_part
from tests.conftest import OpenBackplane


def test_each_part_has_a_provider_and_a_check() -> None:
    assert list(PARTS) == list(OWN_PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_away_says_so(
    name: str, open_backplane: OpenBackplane, own_valkey: EmbeddedValkey
) -> None:
    nowhere = "postgresql+psycopg://nobody@/none?host=/nonexistent"
    backplane: Backplane = open_backplane(
        database_url=nowhere, redis_url=own_valkey.redis_url
    )
    own_valkey.stop()
    seen = check_part(backplane, name)
    assert (seen.outcome, seen.error_type) == (CheckOutcome.FAILED, ErrorType.PART)
    assert seen.error
