"""All checks, in the order in which they are made: what each one needs comes before."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

from api.doctor.finding import Finding

if TYPE_CHECKING:
    from api.doctor.surroundings import Surroundings


class Place(StrEnum):
    """From where a check can be made."""

    HERE = "here"
    """Beside the service only."""
    AFAR = "afar"
    """Over HTTP only; beside the service other checks tell more."""
    BOTH = "both"


@dataclass(frozen=True)
class Check:
    """One thing that is looked at."""

    name: str
    place: Place
    function: str
    """``module:function`` of this package, imported when its turn comes: a package
    that is broken is found, and does not break the doctor."""
    needs: tuple[str, ...] = ()
    """Checks that must be well, or this one is skipped."""

    def load(self) -> "Callable[[Surroundings], Finding]":
        module, _, name = self.function.partition(":")
        found: Callable[[Surroundings], Finding] = getattr(
            import_module(f"api.doctor.{module}"), name
        )
        return found


_HERE, _AFAR, _BOTH = Place.HERE, Place.AFAR, Place.BOTH

CHECKS: tuple[Check, ...] = (
    Check("python", _HERE, "machine:python"),
    Check("packages", _HERE, "machine:packages"),
    Check("settings", _HERE, "configuration:settings"),
    Check("variables", _HERE, "configuration:variables"),
    Check("access", _HERE, "configuration:access", ("settings",)),
    Check("home", _HERE, "machine:home", ("settings",)),
    Check("disk", _HERE, "machine:disk", ("settings",)),
    Check("kernels", _HERE, "machine:kernels", ("settings", "home")),
    Check("files", _HERE, "machine:files", ("settings",)),
    Check("valkey", _HERE, "machine:valkey", ("settings",)),
    Check("ports", _HERE, "ports:ports", ("settings",)),
    Check("database", _HERE, "records:database", ("settings", "home")),
    Check("schema", _HERE, "records:schema", ("database",)),
    Check("redis", _HERE, "carriers:redis_server", ("settings",)),
    Check("redis-version", _HERE, "carriers:redis_version", ("redis",)),
    Check("redis-eviction", _HERE, "carriers:redis_eviction", ("redis",)),
    Check("redis-persistence", _HERE, "carriers:redis_persistence", ("redis",)),
    Check("broker", _HERE, "carriers:broker", ("settings",)),
    Check("clocks", _HERE, "clocks:clocks", ("database", "redis")),
    Check("workers", _HERE, "presence:workers", ("redis",)),
    Check("beat", _HERE, "presence:beat", ("redis",)),
    Check("queues", _HERE, "records:queues", ("schema",)),
    Check("webhooks", _HERE, "records:webhooks", ("schema",)),
    Check("service", _BOTH, "service:service"),
    Check("version", _BOTH, "service:version", ("service",)),
    Check("key", _BOTH, "service:key", ("service",)),
    Check("parts", _AFAR, "service:parts", ("service",)),
    Check("clock", _AFAR, "service:clock", ("service",)),
    Check("workers-afar", _AFAR, "service:workers", ("key",)),
    Check("queues-afar", _AFAR, "service:queues", ("key",)),
    Check("webhooks-afar", _AFAR, "service:webhooks", ("key",)),
)
