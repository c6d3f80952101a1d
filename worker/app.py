"""The Celery application: `celery -A worker.app worker | beat | flower`."""

import gc
import os
from typing import Any

# Before numba is imported: compiled kernels go where this user may write.
from db.backplane import Backplane, process_backplane, take_role
from db.contracts.database_settings import Role
from db.contracts.job_kind import OF_SOLVES
from db.contracts.settings import Settings
from db.logs import configure_logging
from db.reconciler import ReconcilerThread

settings = Settings()
os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.home.absolute() / "kernels"))
# One job, one core: more would only slow the neighbours down.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from celery import Celery, signals  # noqa: E402

from worker import shutdown  # noqa: E402
from worker.standing import Standing  # noqa: E402
from worker.warmth import warm  # noqa: E402

app = Celery("solvequeue")
app.config_from_object("celeryconfig")

_reconciler = ReconcilerThread(lambda: Backplane.open(settings, role=Role.RECONCILER))
_standing = Standing(settings)


# The first comes before the worker looks at who runs it, and may warn.
@signals.celeryd_init.connect
@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    configure_logging(settings)


@signals.setup_logging.connect
def _make_home(**_: Any) -> None:
    """Before beat opens its file in it: alone on a host, nobody has made it."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)


@signals.worker_init.connect
def _compile_before_forking(sender: Any, **_: Any) -> None:
    """Compile in the parent: a forked child then starts its first job warm."""
    served = {queue.name for queue in sender.app.amqp.queues.consume_from.values()}
    if served & {*OF_SOLVES}:
        take_role(Role.SOLVER)
        warm(everything=settings.warm_everything)
    # What is loaded now stays: no collection in a child need look at it, or copy it.
    gc.collect()
    gc.freeze()


@signals.worker_ready.connect
def _start_reconciler(**_: Any) -> None:
    _reconciler.start()


@signals.worker_ready.connect
def _say_who_is_there(sender: Any, **_: Any) -> None:
    queues = sender.app.amqp.queues.consume_from.values()
    _standing.begin(
        name=sender.hostname,
        slots=sender.controller.concurrency,
        queues=sorted(queue.name for queue in queues),
    )


@signals.worker_ready.connect
def _tell_readiness(sender: Any, **_: Any) -> None:
    """Leave a note for a launcher that waits until this worker takes jobs."""
    name, _, _ = sender.hostname.partition("@")
    note = settings.home / "run" / f"{name}.ready"
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(os.getpid()))


@signals.worker_shutting_down.connect
def _announce_shutdown(**_: Any) -> None:
    shutdown.announce()
    _standing.end()
    _reconciler.stop()


@signals.worker_process_shutdown.connect
def _send_what_was_counted(**_: Any) -> None:
    """Before a child ends: it leaves without the usual farewells."""
    if process_backplane.cache_info().currsize:
        process_backplane().meter.flush()
