"""/v1/verify: whether a certificate holds."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import StateDep
from api.openapi import body_of
from api.schemas.verification import VerdictView, VerifyInput
from api.state import ApiState
from api.verification import find_matrices
from db.verification import verify

router = APIRouter(prefix="/v1", tags=["verification"])


@router.post("/verify", response_model=VerdictView, openapi_extra=body_of(VerifyInput))
async def verify_certificate(request: Request, state: StateDep) -> VerdictView:
    """Recompute what can be recomputed, without any solver; 200 whatever comes out."""
    require_json(request)
    body = await read_body(request, state.settings)
    return await run_in_threadpool(_verify, state, body)


def _verify(state: ApiState, body: bytes) -> VerdictView:
    given = parse(VerifyInput, body)
    matrices = find_matrices(state, given)
    verdict = verify(given.certificate, matrices)
    return VerdictView(
        valid=verdict.valid,
        objective=verdict.objective,
        reasons=list(verdict.reasons),
    )
