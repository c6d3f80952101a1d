"""Finds, reads and stores the instance that a caller means."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic_core import PydanticCustomError
from sqlalchemy import Connection

from api.known_instances import KnownInstances
from api.matrices import parse_qaplib
from api.schemas.instance import InstanceInput, InstanceView
from db import instance_codec, library
from db.backplane import Backplane
from db.contracts.catalogue import InstanceEntry, catalogue
from db.contracts.errors import InputProblem, InvalidInputError, NotFoundError
from db.contracts.near_miss import did_you_mean
from db.contracts.settings import Settings
from db.instance_codec import Matrices, Matrix
from db.repositories import instances
from db.repositories.instances import PackedInstance, pack

EXACT_LIMIT = 2**53
"""Below it every integer is a double, so that no sum of a kernel is rounded."""


@dataclass(frozen=True)
class FoundInstance:
    """An instance by its hash, and its matrices if they are still to be stored."""

    sha256: str
    name: str | None
    order: int
    is_linear: bool
    library_name: str | None = None
    best_known: int | float | None = None
    to_store: Matrices | None = None


def pack_new(
    known: KnownInstances, backplane: Backplane, found: Iterable[FoundInstance]
) -> list[PackedInstance]:
    """Return those that have still to be stored, ready to be.

    Before the transaction that stores them: packing takes long, and others wait.
    """
    sent = {each.sha256: each for each in found if each.to_store is not None}
    return [
        pack(matrices, name=sent[digest].name)
        for digest in known.new_of(backplane, sent)
        if (matrices := sent[digest].to_store) is not None
    ]


def find_instance(
    given: InstanceInput, backplane: Backplane, settings: Settings
) -> FoundInstance:
    """Return the instance meant; raise InvalidInputError, with a pointer, if none."""
    matrices = given.matrices()
    if given.qaplib is not None:
        matrices = read_qaplib(given.qaplib, settings, pointer="#/instance/qaplib")
    if matrices is not None:
        return _from_matrices(matrices, given, settings)
    if given.sha256 is not None:
        return _by_sha256(given.sha256, backplane)
    assert given.name is not None
    return _from_library(_library_entry(given.name))


def read_qaplib(text: str, settings: Settings, *, pointer: str) -> Matrices:
    """Return the matrices of QAPLIB text, or say what is wrong with it."""
    try:
        return parse_qaplib(text, max_order=settings.max_order)
    except PydanticCustomError as error:
        context = error.context or {}
        raise invalid(pointer, context["detail"], context["suggestion"]) from None


def invalid(pointer: str, detail: str, suggestion: str) -> InvalidInputError:
    """Return the error for one field."""
    return InvalidInputError(
        problems=[InputProblem(pointer=pointer, detail=detail, suggestion=suggestion)]
    )


@contextmanager
def pointing(**elsewhere: str) -> Iterator[None]:
    """Let pointers show the body that was sent: ``flow="#/flow_matrix"``.

    ``instance`` stands for everything that is not named itself.
    """
    try:
        yield
    except InvalidInputError as error:
        problems = []
        for each in error.problems:
            _, _, below = each.pointer.partition("#/instance")
            field, _, rest = below.removeprefix("/").partition("/")
            pointer = each.pointer
            if field in elsewhere:
                pointer = "/".join(filter(None, (elsewhere[field], rest)))
            elif each.pointer.startswith("#/instance"):
                pointer = elsewhere["instance"] + below
            problems.append(each.model_copy(update={"pointer": pointer}))
        raise InvalidInputError(
            error.message, problems=problems, suggestion=error.suggestion
        ) from None


def view_instance(connection: Connection, name: str) -> InstanceView:
    """Return what is known of an instance, by name or hash."""
    entry = catalogue().instances.get(name.lower()) or (
        catalogue().instance_by_sha256(name)
    )
    if entry is not None:
        return library_view(entry)
    stored = instances.get_instance(connection, name)
    return InstanceView(
        sha256=stored.sha256,
        name=stored.name,
        order=stored.matrix_order,
        exact=stored.exact,
        source="stored",
    )


def load_matrices(backplane: Backplane, sha256: str) -> Matrices:
    """Return the matrices of an instance of the library, or of a stored one.

    Those of the library are there while the database is away.
    """
    entry = catalogue().instance_by_sha256(sha256)
    if entry is not None:
        return library.load_matrices(entry)
    with backplane.database.reading() as connection:
        return instances.load_matrices(connection, sha256)


def library_view(entry: InstanceEntry) -> InstanceView:
    """Return an instance of the shipped library as callers see it."""
    return InstanceView(
        sha256=entry.sha256,
        name=entry.name,
        order=entry.order,
        exact=True,
        best_known=entry.best_known,
        proven_optimal=entry.proven_optimal,
        lower_bound=entry.lower_bound,
        source="library",
    )


def _from_matrices(
    matrices: Matrices, given: InstanceInput, settings: Settings
) -> FoundInstance:
    sent_as = "flow" if given.costs is None else "costs"
    _check_orders(matrices, settings, sent_as)
    _check_magnitude(matrices)
    sha256 = instance_codec.sha256(instance_codec.encode(matrices))
    # A known hash brings its best-known value with it.
    entry = catalogue().instance_by_sha256(sha256)
    if entry is not None:
        return _from_library(entry)
    return FoundInstance(
        sha256=sha256,
        name=given.name,
        order=matrices.order,
        is_linear=matrices.is_linear,
        to_store=matrices,
    )


def _check_orders(matrices: Matrices, settings: Settings, sent_as: str) -> None:
    order = matrices.order
    for field, part in (("distance", matrices.distance), ("linear", matrices.linear)):
        if part is not None and len(part) != order:
            raise invalid(
                f"#/instance/{field}",
                f"{field} has {len(part)} rows and flow has {order}",
                "All matrices of an instance have the same order.",
            )
    if order > settings.max_order:
        raise invalid(
            f"#/instance/{sent_as}",
            f"an instance of order {order}",
            f"Orders from 2 to {settings.max_order} are solved here.",
        )


def _check_magnitude(matrices: Matrices) -> None:
    """Refuse integers whose objective or deltas a kernel could not hold exactly."""
    if not matrices.is_exact:
        return
    order, pair = matrices.order, _largest(matrices.flow) * _largest(matrices.distance)
    single = 0 if matrices.linear is None else _largest(matrices.linear)
    objective = order**2 * pair + order * single
    delta = 8 * (order + 4) * pair + 4 * single
    if max(objective, delta) >= EXACT_LIMIT:
        raise invalid(
            "#/instance",
            "the integers are so large that the objective could be rounded",
            "Divide flow or distance by a common factor.",
        )


def _largest(matrix: Matrix) -> int:
    return max(abs(int(matrix.min())), abs(int(matrix.max())))


def _by_sha256(sha256: str, backplane: Backplane) -> FoundInstance:
    entry = catalogue().instance_by_sha256(sha256)
    if entry is not None:
        return _from_library(entry)
    try:
        with backplane.database.reading() as connection:
            stored = instances.get_instance(connection, sha256)
    except NotFoundError:
        raise invalid(
            "#/instance/sha256",
            "no instance with this hash is stored here",
            "Send the matrices once, or store them at /v1/instances.",
        ) from None
    return FoundInstance(
        sha256=sha256,
        name=stored.name,
        order=stored.matrix_order,
        is_linear=stored.linear,
    )


def _library_entry(name: str) -> InstanceEntry:
    known = catalogue().instances
    entry = known.get(name.lower())
    if entry is not None:
        return entry
    hint = did_you_mean(name.lower(), known, most=3)
    raise invalid(
        "#/instance/name",
        "no instance of this name is in the library",
        f"{hint}/v1/instances lists them all.",
    )


def _from_library(entry: InstanceEntry) -> FoundInstance:
    return FoundInstance(
        sha256=entry.sha256,
        name=entry.name,
        order=entry.order,
        is_linear=False,
        library_name=entry.name,
        best_known=entry.best_known,
    )
