"""What was read of the registry of providers, and what is wrong with it."""

from pydantic import BaseModel


class RegistryFault(BaseModel):
    """One thing that is wrong, and what to do about it."""

    source: str
    """The file or the set; ``registry`` or ``service`` where it is neither's alone."""
    provider: str
    """Its name, or which one it is; empty: the whole."""
    field: str
    """A JSON pointer into its description; empty: all of it."""
    detail: str
    suggestion: str


class RegistryReport(BaseModel):
    """What a courier has read last."""

    read_at: float
    providers: int
    """Descriptions that are right."""
    faults: list[RegistryFault]
