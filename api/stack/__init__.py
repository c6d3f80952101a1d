"""The whole service on one machine, as children of one process."""

from api.stack.child import Child
from api.stack.errors import (
    AlreadyUpError,
    NotReadyError,
    PartFailedError,
    PortTakenError,
    StackError,
)
from api.stack.own import own_stack
from api.stack.parts import PartName
from api.stack.stack import Stack
from api.stack.supervisor import Supervisor

__all__ = [
    "AlreadyUpError",
    "Child",
    "NotReadyError",
    "PartFailedError",
    "PartName",
    "PortTakenError",
    "Stack",
    "StackError",
    "Supervisor",
    "own_stack",
]
