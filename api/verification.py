"""Finds the matrices that a certificate is to be checked with."""

from api.instances import find_instance
from api.schemas.verification import VerifyInput
from api.state import ApiState
from db import library
from db.contracts.catalogue import catalogue
from db.contracts.errors import NotFoundError
from db.instance_codec import Matrices
from db.repositories import instances


def find_matrices(state: ApiState, given: VerifyInput) -> Matrices | None:
    """Return those sent, or else those of the hash; None where it is not known."""
    sha256 = given.certificate.instance
    if given.instance is not None:
        found = find_instance(given.instance, state.backplane, state.settings)
        if found.to_store is not None:
            return found.to_store
        sha256 = found.sha256
    entry = catalogue().instance_by_sha256(sha256)
    if entry is not None:
        return library.load_matrices(entry)
    try:
        with state.backplane.database.reading() as connection:
            return instances.load_matrices(connection, sha256)
    except NotFoundError:
        return None
