"""Finds the matrices that a certificate is to be checked with."""

from api.instances import find_instance, load_matrices
from api.schemas.verification import VerifyInput
from api.state import ApiState
from db.contracts.errors import NotFoundError
from db.instance_codec import Matrices


def find_matrices(state: ApiState, given: VerifyInput) -> Matrices | None:
    """Return those sent, or else those of the hash; None where it is not known."""
    sha256 = given.certificate.instance
    if given.instance is not None:
        found = find_instance(given.instance, state.backplane, state.settings)
        if found.to_store is not None:
            return found.to_store
        sha256 = found.sha256
    try:
        return load_matrices(state.backplane, sha256)
    except NotFoundError:
        return None
