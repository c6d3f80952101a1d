"""Checks a certificate on this machine: with the library, or an instance of a file."""

from typing import Any

import typer
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from api.cli.instance_file import read_instance
from api.matrices import parse_qaplib
from api.schemas.instance import InstanceInput
from db import library
from db.contracts.catalogue import catalogue
from db.contracts.kinds.solve import Certificate
from db.instance_codec import Matrices
from db.verification import Verdict, verify

MAX_ORDER = 5000


def check(content: dict[str, Any], instance: str | None) -> tuple[Certificate, Verdict]:
    """Return the certificate and whether it holds."""
    try:
        certificate = Certificate.model_validate(content, strict=True)
    except ValidationError as error:
        raise typer.BadParameter(f"it is no certificate: {_first(error)}") from None
    if instance is None:
        matrices = _of_library(certificate.instance)
    else:
        matrices = _of_file(instance)
    return certificate, verify(certificate, matrices)


def _of_file(instance: str) -> Matrices | None:
    try:
        given = InstanceInput.model_validate(read_instance(instance))
        if given.qaplib is not None:
            return parse_qaplib(given.qaplib, max_order=MAX_ORDER)
    except ValidationError as error:
        raise typer.BadParameter(f"{instance}: {_first(error)}") from None
    except PydanticCustomError as error:
        raise typer.BadParameter(f"{instance}: {error.message()}") from None
    matrices = given.matrices()
    if matrices is not None:
        return matrices
    if given.sha256 is not None:
        return _of_library(given.sha256)
    entry = catalogue().instances.get((given.name or "").lower())
    if entry is None:
        raise typer.BadParameter(f"{instance}: neither matrices nor of the library")
    return library.load_matrices(entry)


def _of_library(sha256: str) -> Matrices | None:
    entry = catalogue().instance_by_sha256(sha256)
    return None if entry is None else library.load_matrices(entry)


def _first(error: ValidationError) -> str:
    finding = error.errors(include_url=False)[0]
    where = ".".join(map(str, finding["loc"]))
    return f"{where}: {finding['msg']}" if where else finding["msg"]
