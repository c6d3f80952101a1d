"""Four API processes have one cache: work done for one is done for all."""

from contextlib import closing
from pathlib import Path

from db.backplane import Backplane
from db.contracts.settings import Settings
from db.embedded_valkey import EmbeddedValkey
from tests.api_processes import api_processes
from tests.one_worker import working

PROCESSES = 4
PROBLEM = {
    "problem_matrix": [[0, 5, 4], [5, 0, 6], [4, 6, 0]],
    "flow_matrix": [[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    "iterations": 50,
}


def test_what_one_process_has_solved_all_answer_from_the_cache(
    tmp_path: Path, sqlite_url: str, own_valkey: EmbeddedValkey
) -> None:
    home = tmp_path / "home"
    environment = {
        "SOLVEQUEUE_HOME": str(home),
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": own_valkey.redis_url,
    }
    settings = Settings(
        home=home, database_url=sqlite_url, redis_url=own_valkey.redis_url
    )
    with api_processes(PROCESSES, environment, tmp_path) as apis:
        with closing(Backplane.open(settings)) as backplane, working(backplane):
            first = apis[0].client.post("/solve", json=PROBLEM).json()
        # No worker is there any more: whoever answers has it from the cache.
        answers = [api.client.post("/solve", json=PROBLEM).json() for api in apis]
        told = [api.client.get("/admin/status").json()["cache"] for api in apis]
    assert (first["status"], first["cached"]) == ("completed", False)
    for answer in answers:
        assert answer["cached"]
        assert answer["best_solution"] == first["best_solution"]
    # Nothing was accepted again: it is the answer of the one that solved it.
    assert {answer["request_id"] for answer in answers} == {first["request_id"]}
    for cache in told:
        assert (cache["total_hits"], cache["total_misses"]) == (PROCESSES, 1)
        assert cache["backend"] == "redis"
