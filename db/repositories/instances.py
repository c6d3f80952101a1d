"""Instances, stored once by content."""

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


def put_instance(
    connection: Connection, matrices: Matrices, *, name: str | None
) -> str:
    """Store the instance unless its content is known; return its SHA-256."""
    content = instance_codec.encode(matrices)
    digest = instance_codec.sha256(content)
    if connection.execute(_KNOWN, {"digest": digest}).first() is not None:
        return digest
    dialect = connection.dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    connection.execute(
        insert(StoredInstance)
        .values(
            sha256=digest,
            name=name,
            matrix_order=matrices.order,
            exact=matrices.is_exact,
            linear=matrices.is_linear,
            size_bytes=len(content),
            content=instance_codec.compress(content),
            created_at=now(),
        )
        # Two callers may send the same content at once.
        .on_conflict_do_nothing()
    )
    return digest


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
