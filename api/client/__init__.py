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
    Result,
    ResultState,
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
    "Result",
    "ResultState",
    "ServerUnreachableError",
    "WaitTimeoutError",
]
