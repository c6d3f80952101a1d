"""What became of many jobs at once."""

from api.client.models.answer import Answer
from db.contracts.job_state import JobState


class ActionProblem(Answer):
    """Why nothing was done to a job."""

    code: str
    detail: str
    suggestion: str = ""


class ActionOutcome(Answer):
    """What was done to one job, or would be."""

    job: str
    outcome: str
    state: JobState | None = None
    new_job: str | None = None
    problem: ActionProblem | None = None


class Action(Answer):
    """What was done to the jobs that were chosen."""

    action: str
    dry_run: bool
    chosen: int
    done: int
    refused: int
    items: list[ActionOutcome]
    more: bool
    next: str
