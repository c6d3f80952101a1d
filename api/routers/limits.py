"""/v1/limits: all limits that hold for whoever asks."""

import asyncio

from fastapi import APIRouter, Request

from api.dependencies import CallerDep, SettingsDep
from api.guard.families import AUTH_FAILURES
from api.guard.limits import limits_of
from api.json_scan import MAX_DEPTH, MAX_DIGITS
from api.schemas.limits import FamilyLimit, LimitsView

router = APIRouter(prefix="/v1/limits", tags=["limits"])


@router.get("")
async def get_limits(
    request: Request, settings: SettingsDep, caller: CallerDep
) -> LimitsView:
    """Say how much the caller may send, and how much of it is left."""
    limits = limits_of(request)
    # Wrong keys are counted by address, whoever asks.
    families = [each for each in limits.families.values() if each.name != AUTH_FAILURES]
    draws = await asyncio.gather(*(limits.look(each, caller) for each in families))
    return LimitsView(
        caller=caller.name,
        is_shared=limits.limiter.is_shared,
        families=[
            FamilyLimit(
                name=family.name,
                capacity=family.rate.capacity,
                refill_per_s=family.rate.refill_per_s,
                window_s=family.rate.window_s,
                remaining=draw.remaining,
                next_s=draw.next_s,
            )
            for family, draw in zip(families, draws, strict=True)
        ],
        max_queued=caller.max_queued or settings.max_queued_per_caller,
        max_queued_in_all=settings.max_queued,
        max_running=settings.max_running_per_caller,
        max_body_bytes=settings.max_body_bytes,
        max_order=settings.max_order,
        max_depth=MAX_DEPTH,
        max_digits=MAX_DIGITS,
        max_wait_seconds=settings.max_wait_seconds,
        body_seconds=settings.body_seconds,
        request_seconds=settings.request_seconds,
    )
