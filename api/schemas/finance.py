"""The shape of the earlier finance server's answers."""

from typing import Any

from pydantic import BaseModel


class FinanceAnswer(BaseModel):
    """The answer of the earlier finance server."""

    status: str
    message: str
    data: dict[str, Any]
    timestamp: str
    calculation_id: str | None = None
    cached: bool | None = None
