"""What a model finds wrong with its fields, as whoever sent them is told."""

from pydantic_core import PydanticCustomError


def problem(detail: str, suggestion: str, *path: str | int) -> PydanticCustomError:
    """Return an error that points below the field, or the model, it is raised for."""
    return PydanticCustomError(
        "problem",
        "{detail}",
        {"detail": detail, "suggestion": suggestion, "path": path},
    )
