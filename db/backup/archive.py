"""The file: a ZIP of one NDJSON member a table, and last a manifest with their sums.

A row is an array of its columns' values; bytes are ``{"base64": …}``. The first line of
a member names the columns.
"""

import base64
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self, cast

from pydantic import BaseModel, ValidationError

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20


class BackupError(Exception):
    """A backup cannot be made, read or restored; says what to do."""


class Member(BaseModel):
    """What is in the file of one table."""

    rows: int
    sha256: str
    """Of the member's bytes, uncompressed."""


class Manifest(BaseModel):
    """What a backup holds."""

    format: int
    made_at: datetime
    """By the clock of the host that made it."""
    version: str
    """Of SolveQueue."""
    database: str
    """``sqlite`` or ``postgresql``."""
    revision: str
    """The migration at which the rows were."""
    tables: dict[str, Member]

    @property
    def rows(self) -> int:
        return sum(member.rows for member in self.tables.values())


class Writer:
    """Writes members; they count only once the manifest is there."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.tables: dict[str, Member] = {}

    def add(
        self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]
    ) -> None:
        """Write a table's rows."""
        digest, count = hashlib.sha256(), 0
        with self._archive.open(_member(table), "w", force_zip64=True) as member:
            for count, line in enumerate(_lines(columns, rows)):  # noqa: B007 - told below
                digest.update(line)
                member.write(line)
        self.tables[table] = Member(rows=count, sha256=digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        self._archive.writestr(MANIFEST, manifest.model_dump_json(indent=2))


def _lines(columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    yield _line(columns)
    for row in rows:
        yield _line(row)


def _line(values: Sequence[Any]) -> bytes:
    text = json.dumps(list(values), default=_encoded, separators=(",", ":"))
    return text.encode() + b"\n"


def _encoded(value: object) -> dict[str, str]:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"no column holds a {type(value).__name__}")


def _decoded(value: Any) -> Any:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write a file that is there whole or not at all, and that only its owner reads."""
    partial = path.with_name(f"{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with (
            os.fdopen(descriptor, "wb") as file,
            zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, compresslevel=1
            ) as archive,
        ):
            yield Writer(archive)
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            partial.unlink()
        raise


class Reader:
    """An open backup."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
            self.manifest = Manifest.model_validate_json(self._archive.read(MANIFEST))
        except FileNotFoundError as error:
            raise BackupError(f"there is no file {path}") from error
        except (
            zipfile.BadZipFile,
            zlib.error,
            KeyError,
            ValidationError,
            EOFError,
        ) as error:
            raise BackupError(f"{path} is no whole backup: take another one") from error
        if self.manifest.format != FORMAT:
            raise BackupError(
                f"{path} is of format {self.manifest.format}, and this version reads "
                f"{FORMAT}: restore it with version {self.manifest.version}"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def columns(self, table: str) -> list[str]:
        with self._member(table) as member:
            return cast("list[str]", json.loads(member.readline()))

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Return a table's rows, by column."""
        with self._member(table) as member:
            columns = json.loads(member.readline())
            for line in member:
                values = map(_decoded, json.loads(line))
                yield dict(zip(columns, values, strict=True))

    def verify(self) -> None:
        """Compare every member with its sum. Raises BackupError."""
        for table, told in self.manifest.tables.items():
            digest, lines = hashlib.sha256(), 0
            try:
                with self._member(table) as member:
                    while chunk := member.read(CHUNK_BYTES):
                        digest.update(chunk)
                        lines += chunk.count(b"\n")
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise BackupError(f"{table} is damaged: take another backup") from error
            if digest.hexdigest() != told.sha256 or lines - 1 != told.rows:
                raise BackupError(f"{table} is not as it was: take another backup")

    def _member(self, table: str) -> IO[bytes]:
        try:
            return self._archive.open(_member(table))
        except KeyError as error:
            raise BackupError(f"{table} is missing: take another backup") from error


def check(path: Path) -> Manifest:
    """Return what a backup holds, once every byte of it is as it was.

    Raises BackupError.
    """
    with Reader(path) as backup:
        backup.verify()
        return backup.manifest


def _member(table: str) -> str:
    return f"tables/{table}.ndjson"
