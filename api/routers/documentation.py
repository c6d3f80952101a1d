"""/docs, /redoc, /asyncapi.json: what is published, without any outside address."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import orjson
from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from api import asyncapi

router = APIRouter(include_in_schema=False)

WEB = Path(__file__).parent.parent / "web"
ASSETS = str(files("fastapi_standalone_docs") / "static")
# Both draw with styles of their own, and Redoc searches in a worker.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; frame-ancestors 'none'"
)

router.mount("/docs/assets", StaticFiles(directory=ASSETS), name="docs-assets")


@router.get("/docs/start.js")
async def docs_script() -> FileResponse:
    """Return what starts the page."""
    return FileResponse(WEB / "docs.js", media_type="text/javascript")


@router.get("/docs", response_class=HTMLResponse)
async def docs() -> Response:
    """Show the schema so that requests can be tried."""
    return _page("docs.html")


@router.get("/redoc", response_class=HTMLResponse)
async def redoc() -> Response:
    """Show the schema to be read."""
    return _page("redoc.html")


@router.get("/asyncapi.json")
def sockets() -> Response:
    """Return the document of the sockets, as /openapi.json is that of the rest."""
    return Response(_sockets(), media_type="application/json")


@lru_cache(1)
def _sockets() -> bytes:
    return orjson.dumps(asyncapi.document())


def _page(name: str) -> Response:
    headers = {"Content-Security-Policy": POLICY}
    return FileResponse(WEB / name, media_type="text/html", headers=headers)
