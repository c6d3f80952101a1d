"""Starts the parts together, and ends them in order."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from api.stack.child import Child
from api.stack.environment import child_environment
from api.stack.errors import StackError
from api.stack.home import HomeLock, flower_password
from api.stack.parts import STOP_ROUNDS, Part, PartName, Plan, describe
from api.stack.ports import choose_port
from api.stack.valkey import ValkeyChild
from db.contracts.settings import OpenToAllError, Settings
from db.contracts.variables import names_redis

READY_SECONDS = 120.0
SCHEMA_SECONDS = 300.0


class Stack:
    """The service on this machine; a context manager that leaves no process behind.

    `handles` has one entry a part, to be killed, stopped and restarted one by one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        parts: Iterable[PartName] = tuple(PartName),
        environment: Mapping[str, str] | None = None,
        kernels: Path | None = None,
        append_only: bool = True,
    ) -> None:
        self.settings = settings
        self.home = settings.home.absolute()
        self.handles: dict[PartName, Child | ValkeyChild] = {}
        self.descriptions: dict[PartName, Part] = {}
        # Held while the set of living parts changes: the supervisor restarts them.
        self.changing = threading.RLock()
        self.is_stopping = False
        self._parts = tuple(part for part in PartName if part in set(parts))
        self._overrides = dict(environment or {})
        self._kernels = kernels
        self._append_only = append_only
        self._lock = HomeLock(self.home)
        self._plan: Plan | None = None
        self._schema: Child | None = None

    @property
    def plan(self) -> Plan:
        """Ports, addresses and credentials; known once `start` was called."""
        if self._plan is None:
            raise RuntimeError("the stack was not started")
        return self._plan

    @property
    def api_url(self) -> str:
        return self.plan.api_url

    @property
    def valkey(self) -> ValkeyChild | None:
        handle = self.handles.get(PartName.VALKEY)
        return handle if isinstance(handle, ValkeyChild) else None

    def start(
        self,
        *,
        timeout_seconds: float = READY_SECONDS,
        on_ready: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Return when every part is ready; on failure leave nothing behind."""
        try:
            with self.changing:
                self._launch(on_ready)
            self._wait_until_ready(timeout_seconds, on_ready)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Take nothing new, let what runs give itself back, end the rest."""
        with self.changing:
            self.is_stopping = True
        if self._schema is not None:
            self._schema.stop()
        for stop_round in STOP_ROUNDS:
            leaving = [
                self.handles[name] for name in stop_round if name in self.handles
            ]
            for handle in leaving:
                if isinstance(handle, Child):
                    handle.ask_to_stop()
            for handle in leaving:
                handle.stop()
        if self.valkey is not None:
            self.valkey.stop()
        self._lock.release()

    def kill(self) -> None:
        """End everything at once, without waiting; `stop` is still to be called."""
        for handle in tuple(self.handles.values()):
            if handle is not self.valkey:
                handle.kill_group()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self, on_ready: Callable[[str], None]) -> None:
        self._lock.acquire()
        self.is_stopping = False
        self._plan = self._make_plan()
        self._lock.tell(pid=os.getpid(), url=self.plan.api_url)
        if PartName.VALKEY in self._parts and not names_redis(self.settings):
            self._start_valkey()
            on_ready(PartName.VALKEY)
        environment = child_environment(
            self.settings, self._child_overrides(), kernels=self._kernels
        )
        for name in self._parts:
            if name is not PartName.VALKEY:
                self.handles[name] = self._make_child(name, environment)
        schema = self._start_schema(environment)
        waiting = [
            handle for handle in self.handles.values() if isinstance(handle, Child)
        ]
        # Nothing can be waiting in a new home: the parts may load meanwhile.
        if self._is_new():
            _start_all(waiting)
        code = schema.wait(timeout_seconds=SCHEMA_SECONDS)
        if code != 0:
            raise schema.failure(f"ended with code {code}")
        on_ready(schema.name)
        _start_all(handle for handle in waiting if handle.pid is None)

    def _make_plan(self) -> Plan:
        settings = self.settings
        try:
            settings.refuse_if_open()
        except OpenToAllError as error:
            raise StackError(str(error)) from error
        has_flower = PartName.FLOWER in self._parts
        return Plan(
            settings=settings,
            api_port=choose_port(
                settings.api_host, settings.api_port, setting="SOLVEQUEUE_API_PORT"
            ),
            flower_port=choose_port(
                "127.0.0.1", settings.flower_port, setting="SOLVEQUEUE_FLOWER_PORT"
            )
            if has_flower
            else 0,
            flower_password=flower_password(settings) if has_flower else "",
        )

    def _start_valkey(self) -> None:
        valkey = ValkeyChild(self.home / "valkey", append_only=self._append_only)
        self.handles[PartName.VALKEY] = valkey
        valkey.start()

    def _child_overrides(self) -> dict[str, str]:
        overrides = {
            "SOLVEQUEUE_API_PORT": str(self.plan.api_port),
            "SOLVEQUEUE_FLOWER_PORT": str(self.plan.flower_port),
        }
        if self.valkey is not None:
            overrides["REDIS_URL"] = self.valkey.redis_url
            overrides["BROKER_URL"] = self.settings.broker_url or self.valkey.broker_url
        return overrides | self._overrides

    def _make_child(self, name: PartName, environment: Mapping[str, str]) -> Child:
        part = describe(name, self.plan)
        self.descriptions[name] = part
        return Child(
            name,
            part.command,
            environment={**environment, **part.environment},
            log_path=self._log_path(name),
            is_ready=part.is_ready,
            stop_seconds=part.stop_seconds,
        )

    def _start_schema(self, environment: Mapping[str, str]) -> Child:
        self._schema = Child(
            "schema",
            [sys.executable, "-m", "db.schema"],
            environment=environment,
            log_path=self._log_path("schema"),
        )
        self._schema.start()
        return self._schema

    def _is_new(self) -> bool:
        url = self.settings.database
        return url.startswith("sqlite") and not (self.home / "solvequeue.db").exists()

    def _log_path(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    def _wait_until_ready(
        self, timeout_seconds: float, on_ready: Callable[[str], None]
    ) -> None:
        end = time.monotonic() + timeout_seconds
        for name, handle in self.handles.items():
            if isinstance(handle, Child):
                left = max(0.0, end - time.monotonic())
                handle.wait_until_ready(timeout_seconds=left)
                on_ready(name)


def _start_all(children: Iterable[Child]) -> None:
    for child in children:
        child.start()
