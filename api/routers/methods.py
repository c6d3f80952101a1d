"""/methods: the methods that clients of the QAP server know, and only those."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.averages import MethodAverages
from api.dependencies import AveragesDep
from api.schemas.method import MethodInfo, ParameterRange
from api.schemas.solve import CONTRACT_METHODS
from db.contracts.catalogue import catalogue
from db.contracts.errors import NotFoundError

router = APIRouter(tags=["solve"])


@router.get("/methods")
def list_methods(averages: AveragesDep) -> list[MethodInfo]:
    """List eight methods; ``/v1/methods`` lists all that ``/solve`` takes."""
    known = catalogue().methods
    return [_info(name, averages) for name in known if name in CONTRACT_METHODS]


@router.get("/methods/{name}")
def get_method(
    averages: AveragesDep, name: Annotated[str, Path(max_length=100)]
) -> MethodInfo:
    """Return one method; any of ``/v1/methods``."""
    if name not in catalogue().methods:
        raise NotFoundError(
            "there is no such method", suggestion="/v1/methods lists them all."
        )
    return _info(name, averages)


def _info(name: str, averages: MethodAverages) -> MethodInfo:
    method, average = catalogue().methods[name], averages.of(name)
    return MethodInfo(
        name=method.name,
        description=method.summary,
        complexity_time=method.complexity_time,
        complexity_space=method.complexity_space,
        category=method.category,
        best_for=method.best_for,
        parameters={
            parameter.name: ParameterRange(
                min=parameter.minimum, max=parameter.maximum, default=parameter.default
            )
            for parameter in method.parameters
        },
        avg_quality=average.quality,
        avg_runtime_ms=average.runtime_ms,
    )
