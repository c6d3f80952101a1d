import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.client import Client
from api.stack import AlreadyUpError, PartName, Stack
from db.contracts.job_state import JobState
from db.contracts.settings import Settings
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
WAIT_SECONDS = 120.0
COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]


@pytest.fixture(scope="module")
def kernels() -> dict[str, str]:
    """Compiled once for all tests, and for the next time."""
    folder = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    return {"NUMBA_CACHE_DIR": folder}


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, kernels: dict[str, str]
) -> Iterator[Stack]:
    settings = Settings(
        home=tmp_path_factory.mktemp("stack"),
        api_port=0,
        flower_port=0,
        worker_processes=1,
        shutdown_seconds=2,
        rate_limits="off",
    )
    with Stack(settings, environment=kernels) as running:
        yield running


@pytest.fixture
def environment(tmp_path: Path, kernels: dict[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        **kernels,
        "PYTHONPATH": str(ROOT),
        "SOLVEQUEUE_HOME": str(tmp_path),
        "SOLVEQUEUE_API_PORT": "0",
        "SOLVEQUEUE_FLOWER_PORT": "0",
        "SOLVEQUEUE_WORKER_PROCESSES": "1",
        "SOLVEQUEUE_SHUTDOWN_SECONDS": "2",
    }


def wait_for(is_so: Callable[[], bool]) -> None:
    wait_until(is_so, seconds=WAIT_SECONDS)


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that run; nobody may be there to bury the ended ones."""
    found = []
    for process in processes:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def family(pids: list[int]) -> list[psutil.Process]:
    parents = [psutil.Process(pid) for pid in pids]
    return [
        *parents,
        *(child for parent in parents for child in parent.children(recursive=True)),
    ]


def read_until_up(command: subprocess.Popen[str]) -> dict[str, Any]:
    assert command.stdout is not None
    for line in command.stdout:
        record: dict[str, Any] = json.loads(line)
        if record.get("status") == "up":
            return record
    raise AssertionError("the command ended before it was up")


def test_every_part_runs_and_the_api_is_ready(stack: Stack) -> None:
    assert set(stack.handles) == set(PartName)
    assert all(handle.is_ready() for handle in stack.handles.values())
    answer = httpx2.get(f"{stack.api_url}/readyz", trust_env=False)
    assert answer.json()["status"] == "ready"


def test_a_job_goes_through_all_of_it(stack: Stack) -> None:
    with Client(stack.api_url) as client:
        job = client.submit_solve("nug12", limits={"time_s": 0.5})
        numbers = [event.number for event in client.events(job.id)]
        ended = client.wait(job.id)
    assert ended.state is JobState.SUCCEEDED
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_doctor_finds_nothing_wrong_with_it(stack: Stack) -> None:
    doctor = CliRunner(env={"SOLVEQUEUE_HOME": str(stack.home)})
    # Beat's first tick takes a moment.
    wait_for(lambda: doctor.invoke(app, ["doctor"]).exit_code == 0)


@pytest.mark.parametrize("page", ["/", "/workers", "/tasks", "/api/workers", "/broker"])
def test_flower_asks_for_its_password(stack: Stack, page: str) -> None:
    plan = stack.plan
    url = f"{plan.flower_url}{page}"
    assert httpx2.get(url, trust_env=False).status_code == 401
    wrong = (plan.settings.flower_user, "guess")
    assert httpx2.get(url, auth=wrong, trust_env=False).status_code == 401
    login = (plan.settings.flower_user, plan.flower_password)
    answer = httpx2.get(url, auth=login, trust_env=False, follow_redirects=True)
    assert answer.status_code == 200


def test_flower_listens_on_this_machine_alone(stack: Stack) -> None:
    pid = stack.handles[PartName.FLOWER].pid
    assert pid is not None
    listening = [
        each.laddr
        for each in psutil.Process(pid).net_connections(kind="tcp")
        if each.status == psutil.CONN_LISTEN
    ]
    assert listening == [("127.0.0.1", stack.plan.flower_port)]


def test_only_the_api_and_flower_listen(stack: Stack) -> None:
    listening = {
        (part, connection.laddr.port)
        for part, handle in stack.handles.items()
        for process in _family(handle.pid)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {part for part, _ in listening} == {PartName.API, PartName.FLOWER}
    assert len(listening) == 2


def _family(pid: int | None) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def test_no_secret_is_in_the_process_list(stack: Stack) -> None:
    flower = stack.handles[PartName.FLOWER].pid
    assert flower is not None
    assert stack.plan.flower_password not in " ".join(psutil.Process(flower).cmdline())


def test_a_second_stack_in_the_same_home_is_refused(stack: Stack) -> None:
    with pytest.raises(AlreadyUpError, match=str(os.getpid())) as raised:
        Stack(stack.settings).start()
    assert raised.value.url == stack.api_url


def test_a_killed_api_can_be_started_again(stack: Stack) -> None:
    api = stack.handles[PartName.API]
    api.kill()
    api.start()
    wait_for(api.is_ready)


def test_up_keeps_its_parts_up_and_stops_all_of_them(
    environment: dict[str, str],
) -> None:
    with subprocess.Popen(
        [*COMMAND, "up", "--json"], env=environment, stdout=subprocess.PIPE, text=True
    ) as command:
        record = read_until_up(command)
        processes = family(list(record["pids"].values()))
        note = Path(record["home"]) / "run" / "solvers.ready"
        before = record["pids"]["solvers"]
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: note.read_text() not in {"", str(before)})
        processes += family([int(note.read_text())])
        command.send_signal(signal.SIGINT)
        assert command.wait(WAIT_SECONDS) == 0
        assert living(processes) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties processes")
def test_a_killed_up_takes_everything_with_it(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "up", "--json"], env=environment, stdout=subprocess.PIPE, text=True
    ) as command:
        processes = family(list(read_until_up(command)["pids"].values()))
        command.kill()
        wait_for(lambda: not living(processes))


def test_a_solve_with_its_own_stack_leaves_nothing(environment: dict[str, str]) -> None:
    arguments = ["solve", "nug12", "--seconds", "0.5", "--own-stack", "--json"]
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *events, job = map(json.loads, done.stdout.splitlines())
    assert events[-1]["type"] == "job.succeeded"
    assert job["result"]["objective"] == 578
    assert not any(
        "solvequeue-solve-" in " ".join(process.info["cmdline"] or ())
        for process in psutil.process_iter(["cmdline"])
    )
