"""A certificate that was edited anywhere does not hold, and the reason is told."""

from typing import Any

import numpy as np
import pytest

from db import instance_codec, library
from db.contracts.catalogue import catalogue
from db.contracts.kinds.solve import Certificate
from db.instance_codec import Matrices
from db.verification import verify
from worker import qap
from worker.qap import qaplib

NUG12 = catalogue().instances["nug12"]
MATRICES = library.load_matrices(NUG12)
RNG = np.random.default_rng(26)
PERMUTATION = RNG.permutation(12).tolist()


def certificate_of(matrices: Matrices, permutation: list[int]) -> Certificate:
    """Return what the worker would have written; its evaluator is not ours."""
    return Certificate(
        instance=instance_codec.sha256(instance_codec.encode(matrices)),
        permutation=permutation,
        objective=qap.certify(
            matrices.flow, matrices.distance, matrices.linear, permutation
        ),
        exact=matrices.is_exact,
        bound=None,
        bound_name=None,
        method="tabu_search",
        method_version="1",
        seed=7,
    )


GOOD = certificate_of(MATRICES, PERMUTATION).model_copy(
    update={"bound": 493, "bound_name": "gilmore_lawler"}
)


@pytest.mark.parametrize("name", catalogue().instances)
def test_the_library_is_read_as_the_worker_reads_it(name: str) -> None:
    ours, theirs = library.load_matrices(catalogue().instances[name]), qaplib.load(name)
    np.testing.assert_array_equal(ours.flow, theirs.flow)
    np.testing.assert_array_equal(ours.distance, theirs.distance)


def test_a_good_certificate_holds() -> None:
    for certificate in (GOOD, GOOD.sealed()):
        verdict = verify(certificate, MATRICES)
        assert (verdict.valid, verdict.reasons) == (True, ())
        assert verdict.objective == GOOD.objective


@pytest.mark.parametrize("kind", ["integers", "fractions", "negative", "linear"])
def test_every_kind_of_instance_is_evaluated(kind: str) -> None:
    flow, distance, linear = RNG.integers(0, 1000, (3, 9, 9))
    if kind == "negative":
        flow -= 500
    if kind == "linear":
        flow, distance = np.zeros_like(flow), np.zeros_like(flow)
    matrices = Matrices(flow, distance, linear)
    if kind == "fractions":
        matrices = Matrices(flow / 7, distance / 3, linear / 11)
    certificate = certificate_of(matrices, RNG.permutation(9).tolist())
    assert verify(certificate.sealed(), matrices).reasons == ()


def test_integers_beyond_any_word_are_added_exactly() -> None:
    large = np.full((2, 2), 2**62)
    certificate = certificate_of(Matrices(large, large), [1, 0])
    assert certificate.objective == 4 * 2**124
    assert verify(certificate, Matrices(large, large)).valid
    for off in (certificate.objective + 1, float(certificate.objective) * (1 + 2e-16)):
        edited = certificate.model_copy(update={"objective": off})
        assert not verify(edited, Matrices(large, large)).valid


EDITS: dict[str, tuple[dict[str, Any], str]] = {
    "another instance": ({"instance": "0" * 64}, "is about the instance 000"),
    "two places exchanged": (
        {"permutation": [PERMUTATION[1], PERMUTATION[0], *PERMUTATION[2:]]},
        "the objective of the permutation is",
    ),
    "a place twice": (
        {"permutation": [PERMUTATION[1], *PERMUTATION[1:]]},
        "does not name every location once",
    ),
    "a place that is none": (
        {"permutation": [p + 1 for p in PERMUTATION]},
        "does not name every location once",
    ),
    "a place too few": ({"permutation": PERMUTATION[1:]}, "has 11 locations, not 12"),
    "a lower objective": (
        {"objective": GOOD.objective - 1},
        f"is {GOOD.objective}, not {GOOD.objective - 1}",
    ),
    "an objective a little off": (
        {"objective": GOOD.objective + 1e-6},
        f"the objective of the permutation is {GOOD.objective}, not",
    ),
    "inexact": ({"exact": False}, "the matrices hold integers"),
    "a bound above the objective": ({"bound": 10**6}, "exceeds the objective"),
    "a bound above what was reached": ({"bound": 579}, "exceeds 578"),
    "a bound without a name": ({"bound_name": None}, "go together"),
    "a name without a bound": ({"bound": None}, "go together"),
    "a bound nobody has": ({"bound_name": "wishful"}, "no bound or method"),
    "a method nobody has": ({"method": "wishful"}, "no method of this name"),
    "a version to come": ({"method_version": "99"}, "never had this version"),
    "no version": ({"method_version": "latest"}, "never had this version"),
    "a seed that is none": ({"seed": -1}, "the seed is not one"),
    "another digest": ({"digest": "0" * 64}, "some field was changed"),
}


@pytest.mark.parametrize(("edit", "reason"), EDITS.values(), ids=EDITS)
def test_a_claim_that_cannot_be_is_rejected(edit: dict[str, Any], reason: str) -> None:
    verdict = verify(GOOD.model_copy(update=edit), MATRICES)
    assert not verdict.valid
    assert any(reason in each for each in verdict.reasons), verdict.reasons


PLAUSIBLE: dict[str, Any] = {
    "instance": "0" * 64,
    "permutation": list(range(12)),
    "objective": GOOD.objective + 2,
    "exact": False,
    "bound": 492,
    "bound_name": "projection",
    "method": "memetic",
    "method_version": "0",
    "seed": 8,
}


def test_every_field_is_under_the_digest() -> None:
    assert set(PLAUSIBLE) == set(Certificate.model_fields) - {"digest"}


@pytest.mark.parametrize(("field", "value"), PLAUSIBLE.items(), ids=PLAUSIBLE)
def test_an_edit_of_any_field_breaks_the_digest(field: str, value: Any) -> None:
    edited = GOOD.sealed().model_copy(update={field: value})
    assert "some field was changed" in verify(edited, MATRICES).reasons[0]


def test_the_digest_is_that_of_the_values_however_they_are_written() -> None:
    floats = GOOD.model_copy(update={"objective": float(GOOD.objective)})
    assert floats.seal() == GOOD.seal()
    text = GOOD.sealed().model_dump_json()
    assert verify(Certificate.model_validate_json(text), MATRICES).valid


def test_matrices_that_are_not_known_prove_nothing() -> None:
    verdict = verify(GOOD, None)
    assert (verdict.valid, verdict.objective) == (False, None)
    assert "is known" in verdict.reasons[0]
