"""What is accepted runs, whatever was away when it was accepted."""

from api.stack import PartName
from db.contracts.job_state import JobState
from tests.acceptance.conftest import Service

QUICK = {"iterations": 1000}


def test_a_job_accepted_without_a_broker_runs_when_it_is_back(
    service: Service,
) -> None:
    valkey = service.stack.handles[PartName.VALKEY]
    valkey.stop()
    job = service.client.submit_solve("nug12", limits=QUICK)
    assert job.state is JobState.QUEUED
    valkey.start()
    ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
    assert ended.state is JobState.SUCCEEDED
    service.log_of(job.id)


def test_a_running_solve_outlives_the_broker(service: Service) -> None:
    job = service.client.submit_solve("tai100a", limits={"time_s": 8.0})
    service.wait_for(job.id, lambda seen: seen.state is JobState.RUNNING)
    valkey = service.stack.handles[PartName.VALKEY]
    valkey.kill()
    valkey.restart()
    ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
    assert (ended.state, ended.attempt) == (JobState.SUCCEEDED, 1)
    service.log_of(job.id)


def test_jobs_accepted_while_no_worker_lives_all_run(service: Service) -> None:
    solvers = service.stack.handles[PartName.SOLVERS]
    solvers.kill()
    jobs = [service.client.submit_solve("nug12", limits=QUICK) for _ in range(20)]
    solvers.restart()
    for job in jobs:
        ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
        assert ended.state is JobState.SUCCEEDED
