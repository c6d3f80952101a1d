"""What all tables share: names of constraints, and times as seconds."""

from typing import Annotated

from sqlalchemy import BigInteger, Double, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

Id = Annotated[str, mapped_column(String(64))]
Seconds = Annotated[float, mapped_column(Double())]
"""Since 1970, by the database's clock."""
Json = Annotated[str, mapped_column(Text())]


class Record(DeclarativeBase):
    """The root of the tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        str: String(200),
        int: BigInteger(),
    }
