"""Certificates as callers send them to be checked, and what comes of it."""

from pydantic import BaseModel, ConfigDict

from api.schemas.instance import InstanceInput
from db.contracts.kinds.solve import Certificate


class VerifyInput(BaseModel):
    """A certificate, and its instance unless the service knows that."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "certificate": {
                        "instance": "5e9253d555b4eae0cde2e6b8938ef66b"
                        "ac9509a6d9d27c1e9b47996b3c630ce9",
                        "permutation": [1, 9, 5, 4, 0, 10, 7, 3, 2, 8, 6, 11],
                        "objective": 578,
                        "exact": True,
                        "bound": None,
                        "bound_name": None,
                        "method": "memetic",
                        "method_version": "1",
                        "seed": 1,
                        "digest": "92ac9b40c25fde20d9a8247479a9609a"
                        "8cd827de4fcd3dde00686670254995b4",
                    }
                }
            ]
        },
    )

    certificate: Certificate
    instance: InstanceInput | None = None
    """Without it, the library's or the stored one of the certificate's hash."""


class VerdictView(BaseModel):
    """Whether a certificate holds, and if not, why."""

    valid: bool
    objective: int | float | None
    """Recomputed; null where there was nothing to compute it of."""
    reasons: list[str]
