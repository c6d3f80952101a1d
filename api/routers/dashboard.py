"""/dashboard: the page that people look at, without any outside address.

Its files are served below the hash of all of them: they may be kept for ever, and no
page ever mixes those of two versions.
"""

import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from db.contracts.errors import NotFoundError

router = APIRouter(include_in_schema=False)

FOLDER = Path(__file__).parent.parent / "web" / "dashboard"
PAGE = "index.html"
MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".LICENSE": "text/plain",
    ".md": "text/markdown",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/dashboard", response_class=HTMLResponse)
def page() -> Response:
    """Show the dashboard; what it shows it asks for by itself."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return HTMLResponse(_page(), headers=headers)


@router.get("/dashboard/")
def page_with_slash() -> Response:
    """Lead to the page: its links are relative to the address without the slash."""
    return RedirectResponse("../dashboard", status_code=308)


@router.get("/dashboard/{version}/{name:path}")
def file(version: str, name: str) -> Response:
    """Return a file of the page, if it is of this version."""
    known = _known()
    if version != known.version or name not in known.names:
        raise NotFoundError(
            "this page has no such file",
            suggestion="Reload the page: the service may have been updated.",
        )
    path = FOLDER / name
    headers = {"Cache-Control": FOR_EVER}
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers=headers)


@dataclass(frozen=True, slots=True)
class Files:
    """What the page is made of."""

    names: frozenset[str]
    """Below the folder."""
    version: str
    """The hash of all of them and of their names."""


def _known() -> Files:
    """Return the files as they were within the last second.

    Whoever writes a view need not restart, and a page of many files looks once.
    """
    return _looked(int(time.monotonic()))


@lru_cache(1)
def _looked(_second: int) -> Files:
    found = []
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in MEDIA_TYPES:
            about = path.stat()
            name = path.relative_to(FOLDER).as_posix()
            found.append((name, about.st_size, about.st_mtime_ns))
    return Files(frozenset(name for name, *_ in found), _hash(tuple(found)))


@lru_cache(1)
def _hash(files: tuple[tuple[str, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for name, size, _ in files:
        digest.update(f"{name}\0{size}\0".encode())
        digest.update((FOLDER / name).read_bytes())
    return digest.hexdigest()[:16]


def _page() -> str:
    text = (FOLDER / PAGE).read_text(encoding="utf-8")
    return text.replace("{files}", f"dashboard/{_known().version}")
