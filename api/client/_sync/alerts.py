# Made of api/client/_async/alerts.py by `make client`: change that one.
"""What is beyond its limit, and the rules that say so."""

from typing import Any

from api.client._sync.resource import Collection, Editable
from api.client.models import Alert, AlertRule


class Alerts(Collection[Alert]):
    """What is beyond its limit.

    `all` takes ``state``, ``acknowledged``, ``severity``, ``kind``, ``provider``,
    ``rule`` and ``since``.
    """

    _path = "/v1/alerts"
    _member = Alert

    def acknowledge(self, alert_id: str, *, note: str | None = None) -> Alert:
        """Say that it was seen; who was first stays."""
        return self._bring(alert_id, "acknowledge", _note(note))

    def resolve(self, alert_id: str, *, note: str | None = None) -> Alert:
        """Say that it is over; what goes on is raised again after the cooldown."""
        return self._bring(alert_id, "resolve", _note(note))


class AlertRules(Editable[AlertRule]):
    """The rules; `all` takes ``kind``, and `change` the fields of `create`."""

    _path = "/v1/alert-rules"
    _member = AlertRule

    def create(self, name: str, kind: str, **fields: Any) -> AlertRule:
        """Make a rule.

        Parameters
        ----------
        name
            Messages begin with it.
        kind
            What it judges: ``state``, ``budget``, ``staleness``, ``failure_rate``,
            ``latency``, ``queue_age``, ``worker_loss``, ``disk``. It stays.
        **fields
            ``severity``, ``states``, ``value``, ``measure``, ``window_s``, ``least``,
            ``provider``, ``category``, ``queue``, ``hysteresis``, ``for_s``,
            ``cooldown_s``, ``enabled``, ``muted_until``.
        """
        return self._create({"name": name, "kind": kind, **fields})


def _note(note: str | None) -> dict[str, str]:
    return {} if note is None else {"note": note}
