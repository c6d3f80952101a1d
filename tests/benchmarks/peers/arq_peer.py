"""arq: a coroutine that does nothing but say that it ran."""

import os
from typing import Any, ClassVar

from arq import ArqRedis, create_pool
from arq.connections import RedisSettings
from client import DONE

PACKAGES = ("arq", "redis")
SETTINGS = RedisSettings.from_dsn(os.environ["REDIS_URL"])
_pools: list[ArqRedis] = []


async def nothing(context: dict[str, Any], name: str) -> None:
    await context["redis"].rpush(DONE, name)


async def enqueue(name: str) -> None:
    if not _pools:
        _pools.append(await create_pool(SETTINGS))
    await _pools[0].enqueue_job("nothing", name)


class WorkerSettings:
    """As its documentation has them."""

    functions: ClassVar[list[Any]] = [nothing]
    redis_settings = SETTINGS
