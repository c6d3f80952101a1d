"""What each way gives besides having a function run, as it is set up here."""

from tests.benchmarks.peer_queues import PEERS
from tests.benchmarks.results import Guarantees

_HOW = {peer.name: peer.settings for peer in PEERS}
_NONE = "none"
GUARANTEES = [
    Guarantees(
        way="job (SolveQueue)",
        settings="2 prefork processes; SQLite in WAL mode, or PostgreSQL with fsync",
        durable_record="a row, committed before acceptance; losing Redis loses none",
        events="numbered without holes, kept, followed live",
        fencing="by attempt number in every write; one end a job",
        lost_worker="run again elsewhere, from its checkpoint",
    ),
    Guarantees(
        way="bare task",
        settings="Celery, 2 prefork processes, late acknowledgement, prefetch 1",
        durable_record="the broker's message only",
        events="monitoring events, sent and forgotten",
        fencing=_NONE,
        lost_worker="run again, unless the message was on its way to the worker",
    ),
    Guarantees(
        way="Dramatiq",
        settings=_HOW["Dramatiq"],
        durable_record="the broker's message only",
        events=_NONE,
        fencing=_NONE,
        lost_worker="run again after the heartbeat's time-out, 60 s",
    ),
    Guarantees(
        way="RQ",
        settings=_HOW["RQ"],
        durable_record="a hash in Redis, kept 500 s after success",
        events=_NONE,
        fencing=_NONE,
        lost_worker="moved to the failed jobs",
    ),
    Guarantees(
        way="Taskiq",
        settings=_HOW["Taskiq"],
        durable_record="the stream's entry only",
        events=_NONE,
        fencing=_NONE,
        lost_worker="claimed by another after the idle time-out",
    ),
    Guarantees(
        way="arq",
        settings=_HOW["arq"],
        durable_record="keys in Redis, the result kept 1 h",
        events=_NONE,
        fencing=_NONE,
        lost_worker="run again after its time-out",
    ),
]
