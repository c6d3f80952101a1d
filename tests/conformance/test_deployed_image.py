"""The image is small in rights, and its steps can be repeated."""

import re
import shutil
import subprocess

import pytest

from tests.clean_root.dockerfile import DOCKERFILE, ROOT, Instruction, parse

STAGES = parse(DOCKERFILE.read_text("utf-8"))
STEPS = [step for stage in STAGES for step in stage.instructions]
RUNTIME = STAGES[-1]
SECRET = re.compile(r"secret|password|token|api_key|credential", re.IGNORECASE)


def of(word: str) -> list[Instruction]:
    return [step for step in STEPS if step.word == word]


def test_the_base_is_one_and_named_to_its_patch() -> None:
    (base,) = {stage.base for stage in STAGES}
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base)


def test_it_runs_as_a_number_that_is_not_roots() -> None:
    user = RUNTIME.last("USER").text
    assert re.fullmatch(r"\d{5}:\d{5}", user)
    after = RUNTIME.instructions.index(RUNTIME.last("USER"))
    # Nothing is installed or copied by it, and nobody becomes root again.
    assert [s.word for s in RUNTIME.instructions[after:]].count("COPY") == 0
    assert len(RUNTIME.all("USER")) == 1


def test_nothing_is_fetched_from_anywhere_but_by_hash() -> None:
    assert of("ADD") == []
    installs = [step.text for step in of("RUN") if '"install"' in step.text]
    locked, own = installs
    assert "--require-hashes" in locked
    assert "--only-binary=:all:" in locked
    assert "--no-deps" in own
    assert "--no-build-isolation" in own
    assert not [s for s in of("RUN") if re.search(r"curl|wget|apt-get|https?:", s.text)]


def test_no_secret_is_in_a_layer() -> None:
    told = [f"{step.word} {step.text}" for step in STEPS if SECRET.search(step.text)]
    assert told == []
    ignored = (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {line[1:] for line in rules if line.startswith("!")}
    copied = {
        source.rstrip("/")
        for step in of("COPY")
        if not step.flags
        for source in step.arguments[:-1]
    }
    assert let_in == copied


def test_signals_reach_the_service_itself() -> None:
    assert RUNTIME.last("STOPSIGNAL").text == "SIGTERM"
    assert RUNTIME.last("CMD").is_exec
    assert "CMD [" in RUNTIME.last("HEALTHCHECK").text
    assert RUNTIME.all("ENTRYPOINT") == []


def test_what_is_installed_is_what_the_wheel_names() -> None:
    build = STAGES[0]
    copied = {s.rstrip("/") for c in build.all("COPY") for s in c.arguments[:-1]}
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (only,) = re.findall(r"only-include = \[(.*)\]", project)
    assert set(re.findall(r'"([\w.]+)"', only)) <= copied


def test_the_version_is_the_projects() -> None:
    (version,) = re.findall(
        r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.M
    )
    assert {"VERSION": version}.items() <= {
        key: value for step in of("ARG") for key, value in step.pairs.items()
    }.items()
    assert (
        f"${{SOLVEQUEUE_VERSION:-{version}}}"
        in (ROOT / "deploy" / "compose.yaml").read_text()
    )


@pytest.mark.skipif(not shutil.which("hadolint"), reason="hadolint is not here")
def test_hadolint_is_content() -> None:
    said = subprocess.run(
        ["hadolint", "--failure-threshold=warning", DOCKERFILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout
