"""A backup of the record: one file that either database can be restored from.

Its rows are written as they are, table by table, from one snapshot; the migration at
which they were is in the file. A restore makes the tables of that migration, puts the
rows in and migrates on. So a backup of SQLite may be restored into PostgreSQL.

The event server's logs are not in it: what lasts of them is in the record.
"""

from db.backup.archive import BackupError, Manifest, check
from db.backup.record import back_up, refuse_while_in_use, restore

__all__ = [
    "BackupError",
    "Manifest",
    "back_up",
    "check",
    "refuse_while_in_use",
    "restore",
]
