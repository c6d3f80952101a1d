# Made of api/client/_async/calculations.py by `make client`: change that one.
"""Calculations: expressions to any precision, and finance."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.client._sync.pages import read_list
from api.client._sync.resource import Resource
from api.client._sync.waiting import wait_for_end
from api.client.client import place
from api.client.exceptions import JobFailedError
from api.client.models import Calculation, Job

FIRST_WAIT_SECONDS = 10.0
"""Most calculations end within it: their first answer is the last."""


class Calculations(Resource):
    """What can be calculated; `kinds` tells all of it.

    ``client.calculations.npv([100, 200], discount_rate=0.1)["npv"]``: each has a method
    of its name, which takes its parameters and returns its outcome.
    """

    _path = "/v1/calculations"

    def kinds(self) -> list[Calculation]:
        """Return what can be calculated, with JSON Schemas and examples."""
        return read_list(self._transport, self._path, Calculation)

    def get(self, name: str) -> Calculation:
        """Return one kind of calculation."""
        response = self._transport.get(place(self._path, name))
        return Calculation.model_validate_json(response.content)

    def submit(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        wait_seconds: float | None = None,
        **fields: Any,
    ) -> Job:
        """Ask for a calculation.

        Parameters
        ----------
        name
            One of `kinds`.
        parameters
            Its own; arrays are welcome.
        wait_seconds
            Answer when it has ended, or after so long.
        **fields
            ``time_s``, ``deadline_s``, ``cache``, ``metadata``, ``notify``,
            ``priority_s``, ``webhook_url``, ``webhook_secret``,
            ``webhook_events_filter``.
        """
        response = self._transport.submit(
            place(self._path, name),
            body={"parameters": parameters or {}, **fields},
            wait_seconds=wait_seconds,
        )
        return Job.model_validate_json(response.content)

    def run(
        self,
        name: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_seconds: float = math.inf,
        on_progress: Callable[[Job], object] | None = None,
        **fields: Any,
    ) -> Job:
        """Ask for a calculation, and return the job once it has ended.

        Its ``calculated.outcome`` is what it came to. `on_progress` is told of the job
        as it goes on: ``progress.fraction``, ``progress.eta_s``.

        Raises
        ------
        JobFailedError
            It has ended without an outcome.
        WaitTimeoutError
            It has not ended in time; it goes on.
        """
        wait_seconds = 0.0 if on_progress else min(FIRST_WAIT_SECONDS, timeout_seconds)
        job = self.submit(name, parameters, wait_seconds=wait_seconds, **fields)
        if not job.is_final:
            job = wait_for_end(
                self._transport,
                job.id,
                timeout_seconds=timeout_seconds,
                on_news=on_progress,
            )
        if job.calculated is None or job.calculated.outcome is None:
            raise JobFailedError(job)
        return job

    def outcome(
        self, name: str, parameters: Mapping[str, Any] | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Return what a calculation comes to; `fields` are those of `run`."""
        job = self.run(name, parameters, **fields)
        if job.calculated is None or job.calculated.outcome is None:
            raise JobFailedError(job)
        return job.calculated.outcome

    def precision(
        self, expression: str, *, digits: int = 15, **variables: Any
    ) -> dict[str, Any]:
        """Return an expression's ``value`` to so many digits, as text, with its bound.

        Variables are integers, text, or floats, which are taken to the last bit.
        """
        return self.evaluate(expression, variables=variables, digits=digits)

    def evaluate(self, expression: str, **parameters: Any) -> dict[str, Any]:
        """Return an expression's value: ``variables``, ``digits``, ``check``."""
        return self.outcome("evaluate", {"expression": expression, **parameters})

    def tabulate(self, expression: str, **parameters: Any) -> dict[str, Any]:
        """Return its values over a ``range``, or at ``values``, of a ``variable``."""
        return self.outcome("tabulate", {"expression": expression, **parameters})

    def convergence(self, expression: str, **parameters: Any) -> dict[str, Any]:
        """Return how a value settles as digits are added: ``variables``, ``levels``."""
        return self.outcome("convergence", {"expression": expression, **parameters})

    def npv(self, cash_flows: Sequence[float], **parameters: Any) -> dict[str, Any]:
        """Return the net present value: ``discount_rate``, ``initial_investment``."""
        return self.outcome("npv", {"cash_flows": cash_flows, **parameters})

    def irr(self, cash_flows: Sequence[float], **parameters: Any) -> dict[str, Any]:
        """Return internal rates of return: ``initial_investment``, ``guess``."""
        return self.outcome("irr", {"cash_flows": cash_flows, **parameters})

    def xnpv(
        self, dates: Sequence[Any], cash_flows: Sequence[float], **parameters: Any
    ) -> dict[str, Any]:
        """Return the net present value of dated flows: ``discount_rate``."""
        flows = {"dates": dates, "cash_flows": cash_flows}
        return self.outcome("xnpv", {**flows, **parameters})

    def xirr(
        self, dates: Sequence[Any], cash_flows: Sequence[float], **parameters: Any
    ) -> dict[str, Any]:
        """Return internal rates of return of dated flows: ``guess``."""
        flows = {"dates": dates, "cash_flows": cash_flows}
        return self.outcome("xirr", {**flows, **parameters})

    def mirr(
        self,
        cash_flows: Sequence[float],
        *,
        initial_investment: float,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return the modified rate: ``finance_rate``, ``reinvestment_rate``."""
        flows = {"cash_flows": cash_flows, "initial_investment": initial_investment}
        return self.outcome("mirr", {**flows, **parameters})

    def roi(
        self, cash_flows: Sequence[float], *, initial_investment: float
    ) -> dict[str, Any]:
        """Return the return on an investment."""
        flows = {"cash_flows": cash_flows, "initial_investment": initial_investment}
        return self.outcome("roi", flows)

    def payback(
        self, cash_flows: Sequence[float], *, initial_investment: float
    ) -> dict[str, Any]:
        """Return after how many periods an investment is paid back."""
        flows = {"cash_flows": cash_flows, "initial_investment": initial_investment}
        return self.outcome("payback", flows)

    def discounted_payback(
        self,
        cash_flows: Sequence[float],
        *,
        initial_investment: float,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return the same of discounted flows: ``discount_rate``."""
        flows = {"cash_flows": cash_flows, "initial_investment": initial_investment}
        return self.outcome("discounted_payback", {**flows, **parameters})

    def profitability_index(
        self,
        cash_flows: Sequence[float],
        *,
        initial_investment: float,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return what a unit that is invested brings: ``discount_rate``."""
        flows = {"cash_flows": cash_flows, "initial_investment": initial_investment}
        return self.outcome("profitability_index", {**flows, **parameters})

    def comprehensive_roi(
        self,
        annual_cash_flows: Sequence[float],
        *,
        initial_investment: float,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return all that is said of an investment.

        ``annual_operating_costs``, ``risk_level``, ``discount_rate``,
        ``num_employees``, ``avg_salary``, ``productivity_gain_pct``.
        """
        flows = {
            "annual_cash_flows": annual_cash_flows,
            "initial_investment": initial_investment,
        }
        return self.outcome("comprehensive_roi", {**flows, **parameters})

    def sensitivity(
        self,
        base: Mapping[str, Any],
        drivers: Sequence[Mapping[str, Any]],
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return how much each driver moves a value: a tornado. ``target``."""
        body = {"base": base, "drivers": drivers, **parameters}
        return self.outcome("sensitivity", body)

    def scenario(
        self, base: Mapping[str, Any], scenarios: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return a value in several futures, and what is to be expected."""
        body = {"base": base, "scenarios": scenarios}
        return self.outcome("scenario", body)

    def monte_carlo(
        self, project: Mapping[str, Any], **parameters: Any
    ) -> dict[str, Any]:
        """Return the distribution of a project's value.

        ``paths``, ``seed``, ``correlation``, ``percentiles``, ``irr`` and others.
        """
        return self.outcome("monte_carlo", {"project": project, **parameters})
