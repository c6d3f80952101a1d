"""Workers as operators see them."""

from pydantic import BaseModel


class WorkerView(BaseModel):
    """One worker that lives."""

    id: str
    name: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    running: int
    """Jobs that it runs now."""
    version: str
    since: str


class WorkerList(BaseModel):
    """All workers that live."""

    items: list[WorkerView]
    slots: int
    """Of those who solve."""
    running: int
    """Jobs that run, whoever runs them."""
    busy_ratio: float
