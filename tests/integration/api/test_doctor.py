"""The doctor beside a service that runs, with one fault after another planted."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text, update
from typer.testing import CliRunner

from api.cli import app as command
from db.backplane import Backplane
from db.contracts.job_kind import OF_SOLVES, Queue
from db.contracts.living_worker import LivingWorker
from db.contracts.settings import Settings
from db.contracts.version import VERSION
from db.embedded_valkey import EmbeddedValkey
from db.engine import Database, now
from db.models import Delivery
from db.presence import Presence
from db.repositories import queues
from tests.integration.api.conftest import MakeApp
from tests.integration.api.live import LiveApi, serving
from tests.sample_webhooks import owe, owners_endpoint

Found = dict[str, dict[str, str]]
WORKER = LivingWorker(
    id="here:1:0",
    name="solvers@here",
    host="here",
    pid=1,
    processes=[],
    slots=2,
    queues=[queue.value for queue in Queue],
    version=VERSION,
    since=0.0,
)


class Clinic:
    """A service with all its parts, and the doctor beside it."""

    def __init__(
        self,
        live: LiveApi,
        valkey: EmbeddedValkey,
        environment: dict[str, str],
    ) -> None:
        self.live = live
        self.valkey = valkey
        self.environment = environment
        self.backplane: Backplane = live.app.state.solvequeue.backplane
        self.presence = Presence(self.backplane.settings)

    def examine(self, *options: str, **environment: str) -> tuple[int, Found]:
        """Return the exit code and the findings by check."""
        result = CliRunner(env={**self.environment, **environment}).invoke(
            command, ["doctor", "--json", *options]
        )
        assert result.exit_code in (0, 8), result.output
        told = [json.loads(line) for line in result.stdout.splitlines()]
        return result.exit_code, {each["check"]: each for each in told}


@pytest.fixture
def clinic(
    make_app: MakeApp,
    sqlite_url: str,
    own_valkey: EmbeddedValkey,
    tmp_path: Path,
) -> Iterator[Clinic]:
    app = make_app(database_url=sqlite_url, redis_url=own_valkey.redis_url)
    with serving(app) as live:
        environment = {
            "SOLVEQUEUE_HOME": str(tmp_path / "home"),
            "DATABASE_URL": sqlite_url,
            "REDIS_URL": own_valkey.redis_url,
            "SOLVEQUEUE_API_PORT": str(live.port),
            "SOLVEQUEUE_FLOWER_PORT": "0",
        }
        found = Clinic(live, own_valkey, environment)
        found.presence.tell_worker(WORKER)
        found.presence.tell_tick()
        yield found
        found.presence.close()


def expect(told: tuple[int, Found], check: str, words: str) -> None:
    """Check that this is found to be wrong, and that it is said what to do."""
    code, found = told
    assert found[check]["verdict"] == "wrong", found
    assert words in found[check]["detail"]
    assert found[check]["fix"]
    assert code == 8


def test_where_nothing_is_wrong_nothing_is_found(clinic: Clinic) -> None:
    code, found = clinic.examine()
    wrong = [each for each in found.values() if each["verdict"] == "wrong"]
    assert (code, wrong) == (0, [])
    assert not [each for each in found.values() if each["verdict"] == "skipped"]


def test_a_file_in_the_place_of_the_home_is_found(
    clinic: Clinic, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    told = clinic.examine(SOLVEQUEUE_HOME=str(tmp_path / "file"))
    expect(told, "home", "is not a folder")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_is_found(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "read-only").mkdir(mode=0o500)
    told = clinic.examine(SOLVEQUEUE_HOME=str(tmp_path / "read-only"))
    expect(told, "home", "is not writable")


def test_a_database_that_was_not_migrated_is_found(
    clinic: Clinic, tmp_path: Path
) -> None:
    (tmp_path / "empty.db").touch()
    told = clinic.examine(DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
    expect(told, "schema", "migration none")
    assert "db.schema" in told[1]["schema"]["fix"]


@pytest.mark.parametrize(
    ("revision", "words"), [("0001", "at migration 0001"), ("9999", "newer")]
)
def test_a_database_of_another_version_is_found(
    clinic: Clinic, revision: str, words: str
) -> None:
    with clinic.backplane.database.transaction() as connection:
        connection.execute(
            text("update alembic_version set version_num = :it"), {"it": revision}
        )
    expect(clinic.examine(), "schema", words)


def test_a_redis_that_is_stopped_is_found(clinic: Clinic) -> None:
    clinic.valkey.stop()
    told = clinic.examine()
    expect(told, "redis", "does not answer")
    assert told[1]["workers"]["verdict"] == "skipped"


def test_a_redis_that_evicts_is_found(clinic: Clinic) -> None:
    with Redis.from_url(clinic.valkey.redis_url) as connection:
        connection.config_set("maxmemory-policy", "allkeys-lru")
    expect(clinic.examine(), "redis-eviction", "allkeys-lru")


def test_a_missing_worker_is_found(clinic: Clinic) -> None:
    clinic.presence.forget_worker(WORKER.id)
    expect(clinic.examine(), "workers", "interactive, standard, bulk, webhooks")


def test_a_queue_that_no_worker_serves_is_found(clinic: Clinic) -> None:
    solver = WORKER.model_copy(update={"queues": [each.value for each in OF_SOLVES]})
    clinic.presence.tell_worker(solver)
    expect(clinic.examine(), "workers", "no worker serves webhooks, schedules")


def test_a_worker_of_another_version_is_found(clinic: Clinic) -> None:
    old = WORKER.model_copy(update={"id": "there:1:0", "version": "0.0.9"})
    clinic.presence.tell_worker(old)
    expect(clinic.examine(), "workers", "version 0.0.9")


def test_a_missing_beat_is_found(clinic: Clinic) -> None:
    with Redis.from_url(clinic.valkey.redis_url) as connection:
        connection.delete("solvequeue:tick")
    expect(clinic.examine(), "beat", "has not ticked")


def test_a_paused_queue_is_found(clinic: Clinic) -> None:
    with clinic.backplane.database.transaction() as connection:
        queues.pause(connection, Queue.BULK, by="someone")
    expect(clinic.examine(), "queues", "paused: bulk")


def test_a_misspelled_variable_is_found(clinic: Clinic) -> None:
    told = clinic.examine(SOLVEQUEUE_WORKER_PROCESES="8")
    expect(told, "variables", "SOLVEQUEUE_WORKER_PROCESES")
    assert "SOLVEQUEUE_WORKER_PROCESSES" in told[1]["variables"]["fix"]


def test_settings_that_contradict_each_other_are_found(clinic: Clinic) -> None:
    told = clinic.examine(SOLVEQUEUE_HEARTBEAT_SECONDS="60")
    expect(told, "settings", "heartbeat < self-fence < lease")


def test_a_service_that_is_open_to_all_is_found(clinic: Clinic) -> None:
    told = clinic.examine(SOLVEQUEUE_API_HOST="0.0.0.0")
    expect(told, "access", "AUTH_MODE is off")


def test_a_port_that_something_else_has_taken_is_found(clinic: Clinic) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = clinic.examine(SOLVEQUEUE_FLOWER_PORT=str(port))
    expect(told, "ports", f"port {port}, where flower listens, is taken")
    assert str(os.getpid()) in told[1]["ports"]["detail"]


def test_a_disk_that_is_too_full_is_found(clinic: Clinic) -> None:
    told = clinic.examine("--least-disk-mb", str(10**9))
    expect(told, "disk", "free at")


def test_a_service_of_another_version_is_found(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.health_views.VERSION", "0.0.9")
    expect(clinic.examine(), "version", "the service is version 0.0.9")


def test_a_wrong_key_is_found(
    make_app: MakeApp, guarded_settings: dict[str, Any], clinic: Clinic
) -> None:
    with serving(make_app(**guarded_settings)) as guarded:
        wrong_key = clinic.examine("--url", guarded.url, "--api-key", "sq_no_such_key")
        no_key = clinic.examine("--url", guarded.url)
    expect(wrong_key, "key", "the key is not good")
    expect(no_key, "key", "wants a key")


def test_deliveries_that_are_late_are_found(clinic: Clinic) -> None:
    owners_endpoint(clinic.backplane.database)
    owe(clinic.backplane.database)
    with clinic.backplane.database.transaction() as connection:
        connection.execute(update(Delivery).values(next_attempt_at=now() - 3600))
    expect(clinic.examine(), "webhooks", "1 deliveries are more than ten minutes late")


def test_it_works_where_nothing_runs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {"SOLVEQUEUE_HOME": str(home), "SOLVEQUEUE_API_PORT": "1"}
    result = CliRunner(env=environment).invoke(command, ["doctor"])
    assert result.exit_code == 8
    assert "solvequeue up" in result.stdout
    # It has only looked.
    assert not home.exists()


def test_of_a_service_elsewhere_it_tells_what_http_tells(clinic: Clinic) -> None:
    code, found = clinic.examine("--url", clinic.live.url)
    assert (code, "home" in found, "database" in found) == (0, False, False)
    assert found["workers-afar"]["verdict"] == "ok"
    with clinic.backplane.database.transaction() as connection:
        queues.pause(connection, Queue.BULK, by="someone")
    clinic.presence.forget_worker(WORKER.id)
    told = clinic.examine("--url", clinic.live.url)
    expect(told, "queues-afar", "paused: bulk")
    expect(told, "workers-afar", "no worker serves interactive")
    expect(told, "parts", "optimization_engine is no_workers")


def test_what_is_no_service_of_ours_is_found(clinic: Clinic) -> None:
    with _something_else() as url:
        expect(clinic.examine("--url", url), "service", "is not SolveQueue")
        port = url.rpartition(":")[2]
        expect(clinic.examine(SOLVEQUEUE_API_PORT=port), "ports", f"port {port}")


def test_a_check_that_fails_itself_is_a_finding(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr("api.doctor.machine.python", broken)
    told = clinic.examine()
    expect(told, "python", "RuntimeError: it broke")
    assert told[1]["service"]["verdict"] == "ok"


def test_a_database_that_is_away_is_found(clinic: Clinic) -> None:
    told = clinic.examine(DATABASE_URL="postgresql://x:secret@127.0.0.1:1/none")
    expect(told, "database", "does not answer")
    assert "secret" not in json.dumps(told[1])


@contextmanager
def _something_else() -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_settings_are_those_of_the_service(tmp_path: Path) -> None:
    # As `up` would take them: its own server is where it would start one.
    database = Database(Settings(home=tmp_path))
    database.close()
    environment = {"SOLVEQUEUE_HOME": str(tmp_path), "SOLVEQUEUE_API_PORT": "1"}
    with EmbeddedValkey(tmp_path / "valkey", append_only=False):
        result = CliRunner(env=environment).invoke(command, ["doctor", "--json"])
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert {"redis", "broker"} <= {
        each["check"] for each in found if each["verdict"] == "ok"
    }
