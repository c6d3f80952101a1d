"""The peer of `http_surface`: one route, as the framework's own page begins."""

from fastapi import FastAPI
from pydantic import BaseModel


class Answer(BaseModel):
    """One word."""

    status: str = "ok"


def create_app() -> FastAPI:
    app = FastAPI()

    @app.get("/healthz")
    async def healthz() -> Answer:
        return Answer()

    return app
