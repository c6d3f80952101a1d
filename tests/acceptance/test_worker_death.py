"""A killed worker costs a moment, never a job, and never a second report."""

from api.client import Job
from api.stack import PartName
from db.contracts.job_state import JobState
from tests.acceptance.conftest import OpenService, Service

LONG = {"time_s": 12.0}


def test_a_solve_goes_on_after_its_child_is_killed(service: Service) -> None:
    job = _checkpointed_job(service)
    for child in service.solver_children():
        child.kill()
    _goes_on(service, job)


def test_a_solve_goes_on_after_its_worker_is_killed(service: Service) -> None:
    job = _checkpointed_job(service)
    solvers = service.stack.handles[PartName.SOLVERS]
    solvers.kill()
    solvers.restart()
    _goes_on(service, job)


def test_a_solve_longer_than_the_visibility_timeout_completes_once(
    open_service: OpenService,
) -> None:
    service = open_service({"SOLVEQUEUE_VISIBILITY_TIMEOUT_SECONDS": "5"})
    job = service.client.submit_solve("tai100a", limits={"time_s": 30.0})
    ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
    types = [event.type for event in service.log_of(job.id)]
    assert (ended.state, ended.attempt) == (JobState.SUCCEEDED, 1)
    assert types.count("job.started") == 1


def test_a_worker_that_is_asked_to_go_gives_its_job_back(service: Service) -> None:
    job = _checkpointed_job(service)
    solvers = service.stack.handles[PartName.SOLVERS]
    solvers.stop()
    waiting = service.client.job(job.id)
    assert (waiting.state, waiting.attempt) == (JobState.QUEUED, 1)
    solvers.start()
    service.wait_for(job.id, lambda seen: seen.attempt == 2)
    ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
    types = [event.type for event in service.log_of(job.id)]
    assert ended.state is JobState.SUCCEEDED
    assert "job.attempt_lost" not in types


def test_a_solve_by_islands_goes_on_after_one_of_them_is_killed(
    service: Service,
) -> None:
    job = service.client.submit_solve("tai100a", limits=LONG, islands=2)
    told = service.wait_for(
        job.id,
        lambda seen: seen.progress is not None and (seen.progress.elapsed_s or 0) > 4,
    )
    service.solver_children()[0].kill()
    ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
    log = service.log_of(job.id)
    incumbents = [event.data for event in log if event.type == "job.incumbent"]
    objectives = [data["objective"] for data in incumbents]
    children = list(service.client.jobs(parent=job.id))
    assert ended.state is JobState.SUCCEEDED
    assert ended.result is not None
    assert told.progress is not None
    assert ended.result.objective <= (told.progress.objective or 0)
    assert objectives == sorted(set(objectives), reverse=True)
    assert ended.result.objective == objectives[-1]
    assert {data["island"] for data in incumbents} <= {0, 1}
    assert sorted(child.attempt for child in children) in ([1, 1], [1, 2])
    assert all(child.state.is_final for child in children)
    lost = [
        event
        for child in children
        for event in service.log_of(child.id)
        if event.type == "job.attempt_lost"
    ]
    assert len(lost) == 1


def _checkpointed_job(service: Service) -> Job:
    """Return a job in mid-solve, after a heartbeat has written its incumbent."""
    job = service.client.submit_solve("tai100a", limits=LONG)
    return service.wait_for(
        job.id,
        lambda seen: seen.progress is not None and (seen.progress.elapsed_s or 0) > 4,
    )


def _goes_on(service: Service, job: Job) -> None:
    service.wait_for(job.id, lambda seen: seen.attempt == 2)
    ended = service.wait_for(job.id, lambda seen: seen.state.is_final)
    log = service.log_of(job.id)
    (lost,) = [event for event in log if event.type == "job.attempt_lost"]
    objectives = [
        event.data["objective"] for event in log if event.data.get("objective")
    ]
    assert ended.state is JobState.SUCCEEDED
    assert ended.result is not None
    assert ended.result.objective <= lost.data["checkpoint_objective"]
    assert objectives == sorted(objectives, reverse=True)
    assert log[-1].data["attempt"] == 2
