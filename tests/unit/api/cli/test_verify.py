"""A certificate is checked on this machine, from whatever file holds one."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from db import instance_codec
from db.contracts.catalogue import catalogue
from db.contracts.kinds.solve import Certificate
from db.instance_codec import Matrices
from worker import qap
from worker.qap import qaplib

PERMUTATION = list(range(12))
NUG12 = qaplib.load("nug12")
CERTIFICATE = json.loads(
    Certificate(
        instance=catalogue().instances["nug12"].sha256,
        permutation=PERMUTATION,
        objective=qap.certify(NUG12.flow, NUG12.distance, None, PERMUTATION),
        exact=True,
        bound=None,
        bound_name=None,
        method="tabu_search",
        method_version="1",
        seed=0,
    )
    .sealed()
    .model_dump_json()
)
RESULT = {"objective": 1, "method_version": "1", "certificate": CERTIFICATE}
FORMS = {
    "a certificate": CERTIFICATE,
    "a result": RESULT,
    "a job": {"id": "job_1", "result": RESULT, "certificate": None},
    "a job whose result is gone": {"result": None, "certificate": CERTIFICATE},
    "the result's resource": {"final": True, "objective": 1, "result": RESULT},
}


def verify(tmp_path: Path, content: Any, *options: str) -> Result:
    path = tmp_path / "given.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text)
    return CliRunner().invoke(app, ["verify", str(path), *options])


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_a_certificate_is_found_wherever_it_stands(
    tmp_path: Path, content: Any
) -> None:
    result = verify(tmp_path, content)
    assert result.exit_code == 0, result.output
    assert "valid" in result.stdout


def test_the_last_line_of_a_solve_is_the_job(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, [{"type": "job.queued"}, {"result": RESULT}]))
    assert verify(tmp_path, lines + "\n").exit_code == 0


def test_standard_input_is_read(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["verify", "-"], input=json.dumps(CERTIFICATE))
    assert result.exit_code == 0


def test_an_edited_certificate_is_exit_code_5(tmp_path: Path) -> None:
    result = verify(tmp_path, {**CERTIFICATE, "objective": 578}, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 5
    assert (told["valid"], told["objective"]) == (False, CERTIFICATE["objective"])
    assert len(told["reasons"]) == 2
    assert "not valid" in verify(tmp_path, {**CERTIFICATE, "seed": 1}).stdout


@pytest.mark.parametrize("form", ["json", "dat"])
def test_an_instance_of_ones_own_comes_from_a_file(tmp_path: Path, form: str) -> None:
    flow, distance = NUG12.flow[:3, :3], NUG12.distance[:3, :3]
    digest = instance_codec.sha256(instance_codec.encode(Matrices(flow, distance)))
    certificate = {
        **CERTIFICATE,
        "instance": digest,
        "permutation": [2, 0, 1],
        "objective": qap.certify(flow, distance, None, [2, 0, 1]),
        "digest": None,
    }
    path = tmp_path / f"mine.{form}"
    if form == "json":
        matrices = {"flow": flow.tolist(), "distance": distance.tolist()}
        path.write_text(json.dumps(matrices))
    else:
        numbers = [3, *flow.ravel().tolist(), *distance.ravel().tolist()]
        path.write_text(" ".join(map(str, numbers)))
    assert verify(tmp_path, certificate).exit_code == 5
    assert verify(tmp_path, certificate, "--instance", str(path)).exit_code == 0
    assert verify(tmp_path, certificate, "--instance", "nug12").exit_code == 5
    assert verify(tmp_path, certificate, "--instance", "0" * 64).exit_code == 5


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", '"text"', "{}", '{"result": {}}', '{"method_version": "1"}'],
)
def test_a_file_without_a_certificate_is_wrong_usage(
    tmp_path: Path, content: str
) -> None:
    assert verify(tmp_path, content).exit_code == 2


@pytest.mark.parametrize("text", ['{"flow": [[0]]}', '{"flow": 5}', "{}", "[]", "{"])
def test_a_file_without_an_instance_is_wrong_usage(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(text)
    assert verify(tmp_path, CERTIFICATE, "--instance", str(path)).exit_code == 2
    gone = str(tmp_path / "gone.dat")
    assert verify(tmp_path, CERTIFICATE, "--instance", gone).exit_code == 2
