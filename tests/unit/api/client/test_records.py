from api.client import Job, records

JOB = {
    "id": "job_1",
    "kind": "solve",
    "state": "running",
    "created_at": "2026-01-02T03:04:05.678Z",
    "instance": {"sha256": "0", "name": "nug12", "order": 12},
    "progress": {"sequence": 3, "objective": 2**60 + 1},
    "links": {"self": "/v1/jobs/job_1"},
    "new": {"deep": {"er": 1}},
}


def test_records_are_flat_and_lose_nothing() -> None:
    (row,) = records([Job.model_validate(JOB)])
    assert row["id"] == "job_1"
    assert row["instance_name"] == "nug12"
    assert row["progress_objective"] == 2**60 + 1
    assert row["new_deep_er"] == 1
    assert row["error"] is None
    assert not any(isinstance(value, dict) and value for value in row.values())
    assert not [name for name in row if name.startswith("links")]
