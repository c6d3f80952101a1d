"""Instances, stored once by content."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db import instance_codec
from db.contracts.errors import NotFoundError
from db.engine import now
from db.instance_codec import Matrices
from db.models import StoredInstance
from db.models.record import table_of

_instance = table_of(StoredInstance)
_KNOWN = select(_instance.c.sha256).where(_instance.c.sha256 == bindparam("digest"))
_CONTENT = select(_instance.c.content).where(_instance.c.sha256 == bindparam("digest"))


def put_instance(session: Session, matrices: Matrices, *, name: str | None) -> str:
    """Store the instance unless its content is known; return its SHA-256."""
    content = instance_codec.encode(matrices)
    digest = instance_codec.sha256(content)
    if session.connection().execute(_KNOWN, {"digest": digest}).first() is not None:
        return digest
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    session.execute(
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


def get_instance(session: Session, digest: str) -> StoredInstance:
    """Return what is known of the instance, without its content."""
    stored = session.get(StoredInstance, digest)
    if stored is None:
        raise NotFoundError(f"there is no instance {digest}")
    return stored


def load_matrices(session: Session, digest: str) -> Matrices:
    """Return the instance's matrices."""
    content = (
        session.connection().execute(_CONTENT, {"digest": digest}).scalar_one_or_none()
    )
    if content is None:
        raise NotFoundError(f"there is no instance {digest}")
    return instance_codec.decode(instance_codec.decompress(content))


def list_instances(session: Session, *, limit: int) -> list[StoredInstance]:
    """Return stored instances, newest first."""
    query = select(StoredInstance).order_by(StoredInstance.created_at.desc())
    return list(session.execute(query.limit(limit)).scalars())


def count_instances(session: Session) -> int:
    """Return how many instances are stored."""
    return session.execute(select(func.count(StoredInstance.sha256))).scalar_one()
