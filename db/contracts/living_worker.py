"""What a worker says of itself, as long as it lives."""

from pydantic import BaseModel, ConfigDict

from db.contracts.job_kind import OF_SOLVES


class LivingWorker(BaseModel):
    """One worker: a parent process, and those in which its jobs run."""

    model_config = ConfigDict(extra="ignore")

    id: str
    """``place:pid:start``, as in leases."""
    name: str
    host: str
    pid: int
    processes: list[int]
    """In which its jobs run, by process id."""
    slots: int
    """How many jobs it runs at once."""
    queues: list[str]
    version: str
    since: float
    """Seconds since 1970."""

    @property
    def solves(self) -> bool:
        """Whether it runs jobs."""
        return not {queue.value for queue in OF_SOLVES}.isdisjoint(self.queues)

    def runs(self, owner: str) -> bool:
        """Return whether the owner of a lease is one of its processes."""
        place, _, process = owner.rpartition(":")[0].rpartition(":")
        ours = self.id.rpartition(":")[0].rpartition(":")[0]
        return place == ours and process in map(str, [self.pid, *self.processes])
