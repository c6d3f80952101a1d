"""Looks at the service now and then, so that its uptime is known without a visitor."""

from api.state import ApiState
from api.ticker import Ticker
from api.vitals import Vitals

LOOK_SECONDS = 15.0
"""A minute gets one sample, from whichever process looks first."""


def sampler(state: ApiState) -> Ticker:
    """Return what looks, to be started and stopped."""
    return Ticker("sampler", lambda: Vitals(state).note(), pause=lambda: LOOK_SECONDS)
