"""Certificates as callers send them to be checked, and what comes of it."""

from pydantic import BaseModel, ConfigDict

from api.schemas.instance import InstanceInput
from db.contracts.kinds.solve import Certificate


class VerifyInput(BaseModel):
    """A certificate, and its instance unless the service knows that."""

    model_config = ConfigDict(extra="forbid")

    certificate: Certificate
    instance: InstanceInput | None = None
    """Without it, the library's or the stored one of the certificate's hash."""


class VerdictView(BaseModel):
    """Whether a certificate holds, and if not, why."""

    valid: bool
    objective: int | float | None
    """Recomputed; null where there was nothing to compute it of."""
    reasons: list[str]
