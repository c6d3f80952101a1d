"""Instances, stored once by content."""

from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from db import instance_codec
from db.contracts.errors import NotFoundError
from db.engine import now
from db.instance_codec import Matrices
from db.models import Job, StoredInstance

_KNOWN = select(StoredInstance.sha256).where(
    StoredInstance.sha256 == bindparam("digest")
)
_GET = select(StoredInstance).where(StoredInstance.sha256 == bindparam("digest"))
_CONTENT = select(StoredInstance.content).where(
    StoredInstance.sha256 == bindparam("digest")
)


@dataclass(frozen=True, slots=True)
class PackedInstance:
    """An instance as it is stored. To pack one takes longer than to write it."""

    sha256: str
    name: str | None
    matrix_order: int
    exact: bool
    linear: bool
    size_bytes: int
    content: bytes


def pack(matrices: Matrices, *, name: str | None) -> PackedInstance:
    """Return the instance ready to be stored; needs no transaction, and blocks none."""
    content = instance_codec.encode(matrices)
    return PackedInstance(
        sha256=instance_codec.sha256(content),
        name=name,
        matrix_order=matrices.order,
        exact=matrices.is_exact,
        linear=matrices.is_linear,
        size_bytes=len(content),
        content=instance_codec.compress(content),
    )


def is_known(connection: Connection, digest: str) -> bool:
    """Return whether the instance is stored; none is ever deleted."""
    return connection.execute(_KNOWN, {"digest": digest}).first() is not None


def put_instance(connection: Connection, packed: PackedInstance) -> str:
    """Store the instance, unless its content is there; return its SHA-256."""
    dialect = connection.dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    told = {field.name: getattr(packed, field.name) for field in fields(packed)}
    connection.execute(
        insert(StoredInstance)
        .values(**told, created_at=now())
        # Two callers may send the same content at once.
        .on_conflict_do_nothing()
    )
    return packed.sha256


def get_instance(connection: Connection, digest: str) -> StoredInstance:
    """Return what is known of the instance, without its content."""
    row = connection.execute(_GET, {"digest": digest}).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no instance {digest}")
    return StoredInstance(**row)


def load_matrices(connection: Connection, digest: str) -> Matrices:
    """Return the instance's matrices."""
    content = connection.execute(_CONTENT, {"digest": digest}).scalar_one_or_none()
    if content is None:
        raise NotFoundError(f"there is no instance {digest}")
    return instance_codec.decode(instance_codec.decompress(content))


def list_instances(
    connection: Connection, *, limit: int, caller: str | None = None
) -> list[StoredInstance]:
    """Return stored instances, newest first; of a caller those of its jobs."""
    query = select(StoredInstance).order_by(StoredInstance.created_at.desc())
    if caller is not None:
        query = query.where(
            exists().where(
                Job.instance_sha256 == StoredInstance.sha256, Job.caller == caller
            )
        )
    rows = connection.execute(query.limit(limit)).mappings()
    return [StoredInstance(**row) for row in rows]


def count_instances(connection: Connection) -> int:
    """Return how many instances are stored."""
    return connection.execute(select(func.count(StoredInstance.sha256))).scalar_one()
