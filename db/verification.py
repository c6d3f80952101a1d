"""Checks certificates without trusting a solver: plain Python, by the definition.

It shares no code with the numeric core, nor with the core's own evaluator. What a
recomputation can settle is recomputed: the instance's hash, the permutation and the
objective. Of a bound it can only be said that it must not exceed an objective that was
reached; how a permutation was found, only `reproduce` can show. Those fields are as
good as the digest that covers them, which shows edits but is no signature.
"""

import math
from dataclasses import dataclass

from db import instance_codec
from db.contracts.catalogue import catalogue
from db.contracts.kinds.solve import Certificate
from db.instance_codec import Matrices

Number = int | float

TOLERANCE = 1e-9
"""Of floats: a share of the sum of the absolute values of all terms."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a certificate holds."""

    objective: Number | None
    """Recomputed; None without matrices or a permutation to compute it of."""
    reasons: tuple[str, ...]
    """Why it does not hold; none if it does."""

    @property
    def valid(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons


def verify(certificate: Certificate, matrices: Matrices | None) -> Verdict:
    """Return whether the certificate holds for these matrices.

    None says that the instance it names is not known: nothing can be recomputed then.
    """
    reasons = [*_check_seal(certificate), *_check_method(certificate)]
    if matrices is None:
        reasons.append(f"no instance with the hash {certificate.instance} is known")
        return Verdict(None, (*reasons, *_check_bound(certificate, None, 0.0)))
    reasons += _check_instance(certificate, matrices)
    flaw = _check_permutation(certificate.permutation, matrices.order)
    if flaw is not None:
        return Verdict(None, (*reasons, flaw))
    found, slack = _evaluate(matrices, certificate.permutation)
    if not _agree(found, certificate.objective, slack):
        reasons.append(
            f"the objective of the permutation is {found}, not {certificate.objective}"
        )
    reasons += _check_bound(certificate, found, slack)
    return Verdict(found, tuple(reasons))


def _agree(found: Number, claimed: Number, slack: float) -> bool:
    # Not by their difference: that of a large integer and a float would be rounded.
    return found == claimed or 0 < abs(found - claimed) <= slack


def _check_seal(certificate: Certificate) -> list[str]:
    if certificate.digest in (None, certificate.seal()):
        return []
    return ["the digest is not that of the other fields: some field was changed"]


def _check_instance(certificate: Certificate, matrices: Matrices) -> list[str]:
    reasons = []
    found = instance_codec.sha256(instance_codec.encode(matrices))
    if found != certificate.instance:
        reasons.append(
            f"the certificate is about the instance {certificate.instance}, and the "
            f"matrices have the hash {found}"
        )
    if certificate.exact != matrices.is_exact:
        what = "integers" if matrices.is_exact else "fractions"
        reasons.append(f"exact is {certificate.exact}, and the matrices hold {what}")
    return reasons


def _check_permutation(permutation: list[int], order: int) -> str | None:
    if len(permutation) != order:
        return f"the permutation has {len(permutation)} locations, not {order}"
    if sorted(permutation) != list(range(order)):
        return "the permutation does not name every location once"
    return None


def _evaluate(matrices: Matrices, permutation: list[int]) -> tuple[Number, float]:
    """Return the objective, and by how much another's sum of the same may be off."""
    distance: list[list[Number]] = matrices.distance.tolist()
    flow: list[list[Number]] = matrices.flow.tolist()
    terms: list[Number] = []
    for row, here in zip(flow, permutation, strict=True):
        away = distance[here]
        for amount, there in zip(row, permutation, strict=True):
            terms.append(amount * away[there])
    if matrices.linear is not None:
        costs: list[list[Number]] = matrices.linear.tolist()
        terms += [row[here] for row, here in zip(costs, permutation, strict=True)]
    if matrices.is_exact:
        # Python's integers have no limit: this is the objective, to the last digit.
        return sum(terms), 0.0
    return math.fsum(terms), TOLERANCE * math.fsum(map(abs, terms))


def _check_bound(
    certificate: Certificate, found: Number | None, slack: float
) -> list[str]:
    bound, name = certificate.bound, certificate.bound_name
    if (bound is None) != (name is None):
        return ["a bound and the name of what proved it go together"]
    if bound is None:
        return []
    reasons = []
    if name not in {*catalogue().bounds, *catalogue().methods}:
        reasons.append("bound_name is no bound or method of this version")
    reached = certificate.objective if found is None else found
    if bound > reached + slack:
        reasons.append(f"the bound of {bound} exceeds the objective, {reached}")
    entry = catalogue().instance_by_sha256(certificate.instance)
    if entry is not None and bound > entry.best_known:
        reasons.append(
            f"the bound of {bound} exceeds {entry.best_known}, which has been reached "
            f"for {entry.name}"
        )
    return reasons


def _check_method(certificate: Certificate) -> list[str]:
    reasons = []
    method = catalogue().methods.get(certificate.method)
    if method is None:
        reasons.append("there is no method of this name")
    elif not _is_version(certificate.method_version, latest=method.version):
        reasons.append(
            f"{method.name} never had this version; today it is {method.version}"
        )
    if not 0 <= certificate.seed < 2**63:
        reasons.append("the seed is not one of 0 to 2^63 - 1")
    return reasons


def _is_version(version: str, *, latest: str) -> bool:
    """Return whether the version is the latest or an earlier one: they are counted."""
    if not (version.isascii() and version.isdecimal() and latest.isdecimal()):
        return version == latest
    return 1 <= int(version) <= int(latest)
