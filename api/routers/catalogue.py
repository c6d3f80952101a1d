"""/v1/methods, /v1/instances: what there is to choose from."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.averages import MethodAverages
from api.body import parse, read_body, require_json
from api.dependencies import AveragesDep, CallerDep, StateDep
from api.instances import (
    find_instance,
    invalid,
    library_view,
    load_matrices,
    pack_new,
    pointing,
    view_instance,
)
from api.openapi import body_of
from api.schemas.instance import (
    InstanceInput,
    InstanceMatrices,
    InstancePage,
    InstanceView,
)
from api.schemas.method import MethodPage, MethodView
from db.contracts.catalogue import MethodEntry, catalogue
from db.contracts.errors import NotFoundError
from db.repositories import instances

router = APIRouter(prefix="/v1", tags=["catalogue"])

Name = Annotated[str, Path(max_length=100, pattern=r"^[\w.-]+$")]


@router.get("/methods")
def list_methods(averages: AveragesDep) -> MethodPage:
    """List the ways to search, with their parameters, and the bounds."""
    known = catalogue()
    return MethodPage(
        items=[_method_view(each, averages) for each in known.methods.values()],
        bounds=list(known.bounds.values()),
    )


@router.get("/methods/{name}")
def get_method(averages: AveragesDep, name: Name) -> MethodView:
    """Return one method."""
    method = catalogue().methods.get(name)
    if method is None:
        raise NotFoundError("there is no such method")
    return _method_view(method, averages)


def _method_view(method: MethodEntry, averages: MethodAverages) -> MethodView:
    average = averages.of(method.name)
    return MethodView(
        **method.model_dump(),
        avg_quality=average.quality,
        avg_runtime_ms=average.runtime_ms,
        averages_from=average.source,
        averages_runs=average.runs,
    )


@router.get("/instances")
def list_instances(
    state: StateDep,
    caller: CallerDep,
    limit: Annotated[int, Query(ge=0, le=1000)] = 100,
) -> InstancePage:
    """List the library, then up to ``limit`` stored instances, newest first.

    Of the stored ones those are listed that your jobs are about; whoever knows a hash
    may use any.
    """
    with state.backplane.database.reading() as connection:
        stored = instances.list_instances(
            connection, limit=limit, caller=caller.sees_of
        )
    return InstancePage(
        items=[
            *(library_view(entry) for entry in catalogue().instances.values()),
            *(
                InstanceView(
                    sha256=each.sha256,
                    name=each.name,
                    order=each.matrix_order,
                    exact=each.exact,
                    source="stored",
                )
                for each in stored
            ),
        ]
    )


@router.get("/instances/{name}")
def get_instance(state: StateDep, name: Name) -> InstanceView:
    """Return one instance, by name or SHA-256."""
    with state.backplane.database.reading() as connection:
        return view_instance(connection, name)


@router.get(
    "/instances/{name}/matrices",
    response_class=Response,
    responses={HTTPStatus.OK: {"model": InstanceMatrices}},
)
def get_matrices(state: StateDep, name: Name) -> Response:
    """Return an instance's matrices, by name or SHA-256; they never change."""
    with state.backplane.database.reading() as connection:
        view = view_instance(connection, name)
    matrices = load_matrices(state.backplane, view.sha256)
    told = {
        **view.model_dump(include={"sha256", "name", "order", "exact"}),
        "flow": matrices.flow,
        "distance": matrices.distance,
        "linear": matrices.linear,
    }
    body = orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(
        body,
        media_type="application/json",
        headers={"Cache-Control": "private, max-age=3600"},
    )


@router.post(
    "/instances",
    status_code=HTTPStatus.CREATED,
    response_model=InstanceView,
    openapi_extra=body_of(InstanceInput, also={"text/plain": {"type": "string"}}),
    responses={HTTPStatus.OK: {"model": InstanceView, "description": "Was known."}},
)
async def store_instance(
    request: Request,
    response: Response,
    state: StateDep,
    name: Annotated[str | None, Query(max_length=100, pattern=r"^[\w.-]+$")] = None,
) -> InstanceView:
    """Store an instance once: JSON, or QAPLIB text as ``text/plain``."""
    body = await read_body(request, state.settings)
    is_text = request.headers.get("content-type", "").startswith("text/plain")
    if not is_text:
        require_json(request)

    def store() -> tuple[InstanceView, bool]:
        given = _from_text(body, name) if is_text else parse(InstanceInput, body)
        with pointing(qaplib="#" if is_text else "#/qaplib", instance="#"):
            found = find_instance(given, state.backplane, state.settings)
        packed = pack_new(state.known_instances, state.backplane, [found])
        with state.backplane.database.transaction() as connection:
            for instance in packed:
                instances.put_instance(connection, instance)
            return view_instance(connection, found.sha256), bool(packed)

    view, is_new = await run_in_threadpool(store)
    response.headers["Location"] = f"/v1/instances/{view.sha256}"
    if not is_new:
        response.status_code = HTTPStatus.OK
    return view


def _from_text(body: bytes, name: str | None) -> InstanceInput:
    try:
        return InstanceInput(qaplib=body.decode("ascii"), name=name)
    except ValueError:
        raise invalid(
            "#", "the body is not QAPLIB text", "Send n and two matrices, in ASCII."
        ) from None
