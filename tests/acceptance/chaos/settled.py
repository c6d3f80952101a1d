"""When nothing is under way any more, and everyone who is to be told has been."""

from pathlib import Path

import httpx2

from tests.acceptance.chaos.client import Callers
from tests.acceptance.chaos.facts import unended
from tests.acceptance.chaos.ledger import read_ledger
from tests.acceptance.chaos.receiver import OK, Receiver

TIMEOUT_SECONDS = 10.0


def is_settled(
    base_url: str, callers: Callers, receiver: Receiver, *, ledger_path: Path
) -> bool:
    """Return whether all has ended and been told."""
    if not callers.are_done:
        return False
    try:
        with httpx2.Client(base_url=base_url, timeout=TIMEOUT_SECONDS) as http:
            if unended(http):
                return False
    except httpx2.HTTPError:
        return False
    accepted = read_ledger(ledger_path).accepted.values()
    wanted = {each.id for each in accepted if "webhook_url" in each.body}
    told = {each.job_id for each in receiver.heard if each.status == OK}
    return wanted <= told
