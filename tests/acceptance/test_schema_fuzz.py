"""The whole published schema, tried by a stranger: examples, edges, made-up, chained.

FUZZ_EXAMPLES=350 FUZZ_SEED=2 pytest -s tests/acceptance/test_schema_fuzz.py
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from db.embedded_valkey import EmbeddedValkey
from tests.servers.ports import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
FEW = 3
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
SEED = os.environ.get("FUZZ_SEED", "1")
PHASES = "examples,fuzzing" + (",coverage,stateful" if EXAMPLES > FEW else "")
"""The systematic ones take minutes: they are for runs that have them."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
)
SECONDS_AN_EXAMPLE = 30


@contextmanager
def fuzzed_api(home: Path, valkey: EmbeddedValkey) -> Iterator[str]:
    """Serve the API in a process of its own, which is not slowed by its judge."""
    port = free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SOLVEQUEUE_HOME": str(home),
        "SOLVEQUEUE_LOG_LEVEL": "ERROR",
        "SOLVEQUEUE_RATE_LIMITS": "off",
        "REDIS_URL": valkey.redis_url,
    }
    command = ["-m", "uvicorn", "--factory", "tests.acceptance.fuzzed_api:create_app"]
    options = ["--port", str(port), "--no-access-log", "--log-level", "error"]
    with subprocess.Popen(
        [sys.executable, *command, *options], env=environment, cwd=ROOT
    ) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: _is_ready(url), seconds=60)
            yield url
        finally:
            process.terminate()


@pytest.mark.timeout(600 + SECONDS_AN_EXAMPLE * EXAMPLES)
def test_whatever_is_sent_the_answer_is_as_published(
    tmp_path: Path, valkey: EmbeddedValkey
) -> None:
    report = tmp_path / "report.json"
    with fuzzed_api(tmp_path / "home", valkey) as url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run"),
                f"{url}/openapi.json",
                *("--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)),
                *("--phases", PHASES),
                *("--seed", SEED, "--suppress-health-check", "all"),
                *("--request-timeout", "20", "--continue-on-failure"),
                *("--warnings", "off", "--report-json-path", str(report)),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
    told = json.loads(report.read_text())
    cases, operations = told["test_cases"], told["operations"]
    print(f"\n{cases['generated']} cases, {operations['tested']} operations")
    assert not told["failures"], done.stdout
    assert not told["errors"], done.stdout
    assert operations["tested"] == operations["total"]
    assert cases["generated"] > (1000 if EXAMPLES > FEW else 300)


def _is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz").status_code == 200
    except httpx2.TransportError:
        return False
