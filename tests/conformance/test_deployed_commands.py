"""What containers and units run is what `solvequeue up` runs."""

import ast
import re
import shlex
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from api.stack.parts import PartName, Plan, describe
from db.contracts.settings import Settings
from tests.clean_root import compose
from tests.clean_root.dockerfile import DOCKERFILE, ROOT, parse

UNITS = ROOT / "deploy" / "systemd"
IMAGE = parse(DOCKERFILE.read_text("utf-8"))[-1]
COMPOSE = compose.read()
OURS = {
    name: compose.container(COMPOSE, name, IMAGE)
    for name in compose.own_services(COMPOSE)
}
PARTS = {
    "api": PartName.API,
    "solvers": PartName.SOLVERS,
    "couriers": PartName.COURIERS,
    "beat": PartName.BEAT,
    "flower": PartName.FLOWER,
}
UNIT_OF = {
    "api": "solvequeue-api@.service",
    "solvers": "solvequeue-worker@.service",
    "couriers": "solvequeue-couriers.service",
    "beat": "solvequeue-beat.service",
    "flower": "solvequeue-flower.service",
    "migrations": "solvequeue-migrations.service",
}
# What depends on where it runs, or is a setting of `up`'s own.
OF_THE_PLACE = {
    *("--host", "--port", "--address", "--db", "--hostname", "--concurrency"),
    *("--loglevel", "--queues"),
}


def unit(name: str) -> dict[str, list[str]]:
    """Return the values of a unit and of what all units have, by their names."""
    found: dict[str, list[str]] = {}
    for path in (UNITS / "solvequeue-.service.d/common.conf", UNITS / name):
        for line in path.read_text("utf-8").splitlines():
            key, sign, value = line.partition("=")
            if sign and not line.startswith("#"):
                found.setdefault(key, []).append(value)
    return found


def unit_command(name: str) -> list[str]:
    (line,) = unit(UNIT_OF[name])["ExecStart"]
    program, *rest = shlex.split(line)
    return [Path(program).name, *rest]


def split(command: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the words, and the flags with their values, of one's own choice apart."""
    if len(command) > 2 and command[1] == "-m":
        command = command[2:]
    pairs = [word.partition("=") for word in command if word.startswith("--")]
    words = [word for word in command if not word.startswith("--")]
    return words, {key: value for key, _, value in pairs if key not in OF_THE_PLACE}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_runs_as_up_runs_it(name: str) -> None:
    plan = Plan(Settings(), api_port=8000, flower_port=5555, flower_password="x")
    wanted = split(describe(PARTS[name], plan).command)
    assert split(OURS[name].command) == wanted
    assert split(unit_command(name)) == wanted


def test_every_part_has_its_container_and_its_unit() -> None:
    # Valkey and PostgreSQL are not ours.
    assert {*PARTS.values(), PartName.VALKEY} == set(PartName)
    assert set(OURS) == set(UNIT_OF) == {*PARTS, "migrations"}
    units = {path.name for path in UNITS.glob("*.service")}
    assert units == set(UNIT_OF.values())


@pytest.mark.parametrize("name", ["solvers", "couriers"])
def test_together_workers_serve_every_queue(name: str) -> None:
    plan = Plan(Settings(), api_port=0, flower_port=0, flower_password="x")
    (queues,) = [
        word for word in describe(PARTS[name], plan).command if "--queues" in word
    ]
    assert queues in OURS[name].command
    told = {
        *unit_command(name),
        *shlex.split(" ".join(unit(UNIT_OF[name])["Environment"])),
    }
    assert {queues, queues.replace("--queues", "QUEUES")} & told


def test_commands_and_probes_are_modules_of_ours() -> None:
    asked = [each.command for each in OURS.values()]
    asked += [each.probe for each in OURS.values()]
    modules = {
        words[words.index("-m") + 1] for words in asked if words and "-m" in words
    }
    assert modules == {"db.schema", "api.probe", "worker.probe", "schedules.probe"}
    assert [name for name in modules if find_spec(name) is None] == []


@pytest.mark.parametrize("name", ["solvers", "couriers"])
def test_a_probe_asks_for_the_name_that_the_worker_has(name: str) -> None:
    (given,) = [word for word in OURS[name].command if word.startswith("--hostname=")]
    assert given.removeprefix("--hostname=").partition("@")[0] == OURS[name].probe[-1]


@pytest.mark.parametrize("name", PARTS)
def test_whoever_stops_is_given_the_time_that_it_takes(name: str) -> None:
    plan = Plan(Settings(), api_port=0, flower_port=0, flower_password="x")
    needed = describe(PARTS[name], plan).stop_seconds
    assert OURS[name].grace_seconds >= needed
    (limit,) = unit(UNIT_OF[name])["TimeoutStopSec"]
    assert float(limit) >= needed


@pytest.mark.parametrize("name", UNIT_OF)
def test_a_unit_may_do_little(name: str) -> None:
    given = unit(UNIT_OF[name])
    wanted: dict[str, str] = {
        "User": "solvequeue",
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "PrivateDevices": "yes",
        "CapabilityBoundingSet": "",
        # A signal for every child would end jobs where they are.
        "KillMode": "mixed",
        "KillSignal": "SIGTERM",
    }
    assert {key: given[key] for key in wanted} == {k: [v] for k, v in wanted.items()}
    assert "MemoryDenyWriteExecute" not in given


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_itself_is_content(tmp_path: Path) -> None:
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.glob("*.service"):
        # Programs have to be there; which they are another test tells.
        text = re.sub(r"/opt/solvequeue/bin/\w+", "/bin/true", path.read_text())
        path.write_text(text)
        if path.stem.endswith("@"):
            shutil.copy(path, tmp_path / f"{path.stem}1.service")
    names = [p.name for p in tmp_path.glob("*.*") if "@." not in p.name and p.is_file()]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
        + [str(tmp_path / name) for name in names if not name.endswith(".conf")],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in said.stderr.splitlines() if "solvequeue" in line]
    assert said.returncode == 0, said.stderr
    assert ours == []


def test_what_the_image_compiles_is_what_a_worker_compiles() -> None:
    (step,) = [s for s in IMAGE.all("RUN") if s.is_exec and "warm_up" in s.text]
    called = ast.parse(step.arguments[-1])
    worker = (ROOT / "worker" / "app.py").read_text("utf-8")
    warmth = (ROOT / "worker" / "warmth.py").read_text("utf-8")
    imported: Any = called.body[0]
    assert imported.module == "worker.qap.warm_up"
    assert "warm(everything=settings.warm_everything)" in worker
    assert "warm_up(everything=everything)" in warmth
    assert Settings.model_fields["warm_everything"].default is True
