"""The core and the contracts speak of the same endings."""

import pytest

from db.contracts.termination import Termination
from worker import qap


def test_the_contract_has_the_members_of_the_core() -> None:
    contract = {member.name: member.value for member in Termination}
    core = {member.name: member.value for member in qap.Termination}
    assert contract == core


@pytest.mark.parametrize("termination", qap.Termination)
def test_a_termination_of_the_core_is_one_of_the_contract(
    termination: qap.Termination,
) -> None:
    assert Termination(termination).value == termination.value
