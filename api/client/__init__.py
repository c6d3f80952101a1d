"""The Python client: what a program needs to send jobs and to follow them."""

from api.client.client import Client
from api.client.exceptions import (
    ClientError,
    ProblemError,
    ServerUnreachableError,
    WaitTimeoutError,
)
from api.client.models import (
    Certificate,
    Event,
    Instance,
    InstanceReference,
    Job,
    JobError,
    Method,
    Problem,
    ProblemPart,
    Progress,
    Reproduction,
    Result,
    ResultState,
    Verdict,
)

__all__ = [
    "Certificate",
    "Client",
    "ClientError",
    "Event",
    "Instance",
    "InstanceReference",
    "Job",
    "JobError",
    "Method",
    "Problem",
    "ProblemError",
    "ProblemPart",
    "Progress",
    "Reproduction",
    "Result",
    "ResultState",
    "ServerUnreachableError",
    "Verdict",
    "WaitTimeoutError",
]
