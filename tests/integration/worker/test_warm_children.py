"""After its parent has warmed up, nothing that a job does is compiled or imported."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import Connection

from db.acceptance import accept
from db.contracts.calculations import CALCULATIONS
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.kinds import KINDS
from db.contracts.kinds.calculate import checked
from db.contracts.kinds.solve import Limits, SolveRequest
from db.embedded_valkey import EmbeddedValkey
from db.instance_codec import Matrices
from db.repositories import instances, jobs
from tests.conftest import OpenBackplane
from tests.sample_jobs import row
from tests.unit.worker.qap.kinds import random_instance
from worker.qap import METHODS
from worker.qap.taboo_kernel import run_taboo

ROOT = Path(__file__).parents[3]
KINDS_OF_MATRICES = ("symmetric", "asymmetric linear", "float", "large")


def requests(connection: Connection) -> Iterator[tuple[str, BaseModel]]:
    """Yield what callers may ask for, by kind."""
    for calculation in CALCULATIONS.values():
        given = calculation.parameters.model_validate(calculation.example)
        yield "calculate", checked(calculation.name, given)
    for kind in KINDS_OF_MATRICES:
        instance = random_instance(kind, 12, seed=1)
        matrices = Matrices(instance.flow, instance.distance, instance.linear)
        digest = instances.put_instance(connection, instances.pack(matrices, name=None))
        for method in METHODS.values():
            if method.supports(instance) is None:
                yield (
                    "solve",
                    SolveRequest(
                        instance=digest,
                        order=instance.order,
                        method=method.name,
                        limits=Limits(iterations=60),
                    ),
                )


@pytest.mark.skipif(not hasattr(run_taboo, "signatures"), reason="not compiled")
def test_a_child_compiles_and_imports_nothing(
    open_backplane: OpenBackplane, sqlite_url: str, valkey: EmbeddedValkey
) -> None:
    backplane = open_backplane(database_url=sqlite_url, redis_url=valkey.redis_url)
    job_ids = []
    with backplane.database.transaction() as connection:
        for kind, request in requests(connection):
            new = jobs.describe(KINDS[kind], request, job_id=new_id("job"))
            job_ids.append(accept(connection, new).job.id)
    said = subprocess.run(
        [
            *(sys.executable, "-m", "tests.integration.worker.warm_child"),
            *(sqlite_url, valkey.redis_url, *job_ids),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told = json.loads(said.stdout)
    assert told.pop("runs") > 900
    assert told == {"compiled": [], "loaded": [], "imported": []}
    states = {row(backplane.database, job_id).state for job_id in job_ids}
    assert states == {JobState.SUCCEEDED}
