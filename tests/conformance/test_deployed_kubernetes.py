"""What pods run, with what and for how long, is what compose.yaml says."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.stack.parts import PartName, Plan, describe
from db.contracts.job_kind import OF_SOLVES
from db.contracts.metric import PROBES
from db.contracts.settings import Settings
from db.schema import known_revisions
from tests.clean_root import compose
from tests.clean_root.dockerfile import DOCKERFILE, ROOT, parse
from tests.manifests import (
    COMPONENT,
    KUBERNETES,
    NAME,
    OVERLAYS,
    Manifest,
    NotResolvedError,
    all_containers,
    build,
    built_by_kubectl,
    named,
    of_kind,
    part,
    pods,
)

BUILT = {overlay: build(KUBERNETES / "overlays" / overlay) for overlay in OVERLAYS}
FOLDERS = (*(f"overlays/{overlay}" for overlay in OVERLAYS), "downgrade")
PODS = {overlay: pods(made) for overlay, made in BUILT.items()}
PODS["downgrade"] = pods(build(KUBERNETES / "downgrade"))
OURS = {
    name: pod
    for name, pod in PODS["production"].items()
    if pod["metadata"]["labels"][NAME] == "solvequeue"
}
IMAGE = parse(DOCKERFILE.read_text("utf-8"))[-1]
TOLD = {key: value for step in IMAGE.all("ENV") for key, value in step.pairs.items()}
COMPOSE = compose.read()
CONTAINERS = {
    name: compose.container(COMPOSE, name, IMAGE)
    for name in compose.own_services(COMPOSE)
}
VERSION = COMPOSE["services"]["api"]["image"].partition(":")[2]
MIGRATIONS = f"migrations-{VERSION}"
SERVICE_OF = {
    "api": "api",
    "solvers": "solvers",
    "solvers-bulk": "solvers",
    "couriers": "couriers",
    "beat": "beat",
    "flower": "flower",
    MIGRATIONS: "migrations",
}
LASTING = [name for name in SERVICE_OF if name != MIGRATIONS]
SETTINGS: dict[str, str] = named(BUILT["production"], "ConfigMap", "settings")["data"]
NO_RIGHTS = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
EVERY_POD = [
    pytest.param(overlay, name, id=f"{overlay} {name}")
    for overlay, made in PODS.items()
    for name in made
]


def queues(command: list[str]) -> set[str]:
    (given,) = [word for word in command if word.startswith("--queues=")]
    return set(given.removeprefix("--queues=").split(","))


def quantity(text: str) -> float:
    """Return a number of bytes."""
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"Mi": 2**20, "Gi": 2**30}[unit]


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not here")
@pytest.mark.parametrize("folder", FOLDERS)
def test_kubectl_makes_of_it_what_these_tests_do(folder: str) -> None:
    made = built_by_kubectl(KUBERNETES / folder)
    assert made == build(KUBERNETES / folder)


def test_what_the_loader_does_not_know_it_refuses(tmp_path: Path) -> None:
    given = tmp_path / "kustomization.yaml"
    given.write_text("kind: Kustomization\nhelmCharts: []\n")
    with pytest.raises(NotResolvedError, match="helmCharts"):
        build(tmp_path)


@pytest.mark.skipif(
    not shutil.which("kubernetes-validate"), reason="kubernetes-validate is not here"
)
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_schemas_of_kubernetes_are_content(folder: str, tmp_path: Path) -> None:
    others = "keda.sh", "monitoring.coreos.com"
    made = build(KUBERNETES / folder)
    known = [each for each in made if not each["apiVersion"].startswith(others)]
    assert len(known) > len(made) / 2
    given = tmp_path / "made.yaml"
    given.write_text(yaml.safe_dump_all(known))
    said = subprocess.run(
        ["kubernetes-validate", "--strict", given],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_part_has_its_pods_and_no_part_is_unknown() -> None:
    assert set(OURS) == set(SERVICE_OF)
    assert set(SERVICE_OF.values()) == set(CONTAINERS)
    beside = {"postgresql", "valkey"}
    assert set(PODS["trial"]) == set(OURS) | beside
    assert set(PODS["production"]) == set(OURS)


@pytest.mark.parametrize("name", SERVICE_OF)
def test_a_pod_runs_the_command_of_the_container(name: str) -> None:
    container = part(OURS[name])
    assert "args" not in container
    given = container.get("command", IMAGE.last("CMD").arguments)
    wanted = CONTAINERS[SERVICE_OF[name]].command
    kept = [word for word in wanted if not word.startswith("--queues=")]
    assert [word for word in given if not word.startswith("--queues=")] == kept


def test_every_queue_is_served_once() -> None:
    served = [
        queue
        for name in ("solvers", "solvers-bulk", "couriers")
        for queue in queues(part(OURS[name])["command"])
    ]
    wanted = [queues(CONTAINERS[name].command) for name in ("solvers", "couriers")]
    assert sorted(served) == sorted(set().union(*wanted))
    assert set(OF_SOLVES) == wanted[0]
    assert int(SETTINGS["SOLVEQUEUE_LARGE_ORDER"]) > 0


@pytest.mark.parametrize("overlay", PODS)
def test_images_and_versions_are_those_of_compose(overlay: str) -> None:
    theirs = {
        name: COMPOSE["services"][name]["image"] for name in ("postgresql", "valkey")
    }
    for name, pod in PODS[overlay].items():
        for container in all_containers(pod):
            if name in theirs:
                assert container["image"] == theirs[name]
                assert container["args"] == COMPOSE["services"][name]["command"]
            else:
                image, _, tag = container["image"].partition(":")
                assert (image.rpartition("/")[2], tag) == ("solvequeue", VERSION)


@pytest.mark.parametrize(("overlay", "name"), EVERY_POD)
def test_a_pod_has_few_rights(overlay: str, name: str) -> None:
    spec = PODS[overlay][name]["spec"]
    user = 999 if name in {"postgresql", "valkey"} else 10001
    assert IMAGE.last("USER").text == "10001:10001"
    assert (
        spec["securityContext"].items()
        >= {
            "runAsNonRoot": True,
            "runAsUser": user,
            "runAsGroup": user,
            "fsGroup": user,
        }.items()
    )
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & set(spec)
    for container in all_containers(PODS[overlay][name]):
        assert container["securityContext"] == NO_RIGHTS
    kinds = {kind for volume in spec["volumes"] for kind in set(volume) - {"name"}}
    assert kinds <= {"emptyDir", "secret", "configMap"}
    for volume in spec["volumes"]:
        assert volume.get("emptyDir", {"sizeLimit": ""}).keys() >= {"sizeLimit"}


@pytest.mark.parametrize(("overlay", "name"), EVERY_POD)
def test_a_pod_has_its_share_and_no_more(overlay: str, name: str) -> None:
    for container in all_containers(PODS[overlay][name]):
        given = container["resources"]
        assert set(given["limits"]) == set(given["requests"]) == {"cpu", "memory"}
        limit, request = given["limits"]["memory"], given["requests"]["memory"]
        assert quantity(request) <= quantity(limit)


@pytest.mark.parametrize(("overlay", "name"), EVERY_POD)
def test_services_are_not_told_in_the_environment(overlay: str, name: str) -> None:
    # A Service `database` would be DATABASE_PORT=tcp://….
    assert PODS[overlay][name]["spec"]["enableServiceLinks"] is False


def test_the_namespace_asks_for_what_pods_have() -> None:
    for made in BUILT.values():
        (namespace,) = of_kind(made, "Namespace")
        labels = namespace["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
        others = [e for e in made if e["kind"] != "Namespace"]
        assert {e["metadata"]["namespace"] for e in others} == {"solvequeue"}


@pytest.mark.parametrize("name", SERVICE_OF)
def test_what_has_to_be_written_can_be(name: str) -> None:
    writable = {
        mount["mountPath"]
        for mount in part(OURS[name])["volumeMounts"]
        if not mount.get("readOnly")
    }
    lasting = {TOLD["SOLVEQUEUE_HOME"]} if name in LASTING else set()
    assert writable == {"/tmp", *lasting}
    assert Path(TOLD["NUMBA_CACHE_DIR"]).parent == Path(TOLD["SOLVEQUEUE_HOME"])


@pytest.mark.parametrize("name", ["solvers", "solvers-bulk"])
def test_solvers_begin_with_the_kernels_of_the_image(name: str) -> None:
    (copying,) = [
        each
        for each in OURS[name]["spec"]["initContainers"]
        if each["name"] == "kernels"
    ]
    *_, source, target = copying["command"]
    assert copying["command"][:2] == ["cp", "-r"]
    assert source == TOLD["NUMBA_CACHE_DIR"]
    (mount,) = copying["volumeMounts"]
    assert (mount["name"], f"{mount['mountPath']}/") == ("home", target)
    # The home itself, in which they are looked for, is of the same volume.
    (home,) = [m for m in part(OURS[name])["volumeMounts"] if m["name"] == "home"]
    assert home["mountPath"] == TOLD["SOLVEQUEUE_HOME"]
    assert Path(source) == Path(home["mountPath"], Path(source).name)


@pytest.mark.parametrize("name", LASTING)
def test_nobody_asks_for_tables_that_are_not_there_yet(name: str) -> None:
    (waiting,) = [
        each
        for each in OURS[name]["spec"]["initContainers"]
        if each["name"] == "schema"
    ]
    assert waiting["command"][:4] == ["python", "-m", "db.schema", "--wait"]
    assert {"secretRef": {"name": "stores"}} in waiting["envFrom"]


def test_the_migrations_are_their_owners_and_of_one_version() -> None:
    # A Job cannot be changed: neither settings nor versions may change this one.
    assert part(OURS[MIGRATIONS])["envFrom"] == [{"secretRef": {"name": "migrations"}}]
    job = named(BUILT["production"], "Job", MIGRATIONS)
    assert job["spec"]["ttlSecondsAfterFinished"] > 0
    assert OURS[MIGRATIONS]["spec"]["restartPolicy"] == "OnFailure"


def test_the_way_back_is_a_command_of_ours_and_refuses_while_workers_are_there() -> (
    None
):
    (pod,) = PODS["downgrade"].values()
    *command, revision, answer = part(pod)["command"]
    assert command == ["solvequeue", "database", "downgrade"]
    assert answer == "--yes"
    assert revision in known_revisions()[:-1]
    # Workers are told of where REDIS_URL leads; the later DATABASE_URL holds.
    names = [each["secretRef"]["name"] for each in part(pod)["envFrom"]]
    assert names == ["stores", "migrations"]
    assert pod["spec"]["restartPolicy"] == "Never"
    mounts = {mount["mountPath"] for mount in part(pod)["volumeMounts"]}
    assert TOLD["SOLVEQUEUE_HOME"] in mounts


@pytest.mark.parametrize("name", ["solvers", "solvers-bulk", "couriers", "beat"])
def test_a_probe_asks_what_compose_asks(name: str) -> None:
    container = part(OURS[name])
    wanted = CONTAINERS[SERVICE_OF[name]].probe
    start, live = container["startupProbe"], container["livenessProbe"]
    assert start["exec"]["command"] == live["exec"]["command"] == wanted
    check: dict[str, Any] = COMPOSE["services"][SERVICE_OF[name]]["healthcheck"]
    may_take = compose.seconds(check["start_period"])
    assert start["periodSeconds"] * start["failureThreshold"] >= may_take
    assert live["periodSeconds"] == compose.seconds(check["interval"])
    assert live["timeoutSeconds"] >= compose.seconds(check["timeout"])
    # Nobody sends them requests.
    assert "readinessProbe" not in container


def test_the_api_is_asked_by_its_routes() -> None:
    container = part(OURS["api"])
    asked = {
        kind: container[f"{kind}Probe"]["httpGet"]
        for kind in ("startup", "readiness", "liveness")
    }
    assert {each["port"] for each in asked.values()} == {"http"}
    paths = {kind: each["path"] for kind, each in asked.items()}
    assert paths == {
        "startup": "/readyz",
        "readiness": "/healthz",
        "liveness": "/healthz",
    }
    assert set(paths.values()) <= PROBES
    assert paths["liveness"] in (ROOT / "api" / "probe.py").read_text("utf-8")
    flower = part(OURS["flower"])
    probe = " ".join(CONTAINERS["flower"].probe)
    for kind in ("startup", "readiness", "liveness"):
        path = flower[f"{kind}Probe"]["httpGet"]["path"]
        assert f":{flower['ports'][0]['containerPort']}{path}" in probe


@pytest.mark.parametrize("name", LASTING)
def test_whoever_stops_is_given_the_time_that_it_takes(name: str) -> None:
    shutdown = int(SETTINGS["SOLVEQUEUE_SHUTDOWN_SECONDS"])
    plan = Plan(
        Settings(shutdown_seconds=shutdown),
        api_port=0,
        flower_port=0,
        flower_password="x",
    )
    needed = describe(PartName(SERVICE_OF[name]), plan).stop_seconds
    before = part(OURS[name]).get("lifecycle", {}).get("preStop")
    if name == "api":
        program, seconds = before["exec"]["command"]
        assert program == "sleep"
        needed += float(seconds)
    else:
        assert before is None
    grace = OURS[name]["spec"]["terminationGracePeriodSeconds"]
    assert grace > needed
    assert grace >= CONTAINERS[SERVICE_OF[name]].grace_seconds


@pytest.mark.parametrize("name", ["solvers", "solvers-bulk"])
def test_the_memory_of_solvers_is_what_they_can_hold(name: str) -> None:
    container = part(OURS[name])
    (told,) = [w for w in container["command"] if w.startswith("--concurrency=")]
    processes = int(told.partition("=")[2])
    assert container["resources"]["limits"]["cpu"] == str(processes)
    taken = max(
        int(SETTINGS["SOLVEQUEUE_MAX_JOB_BYTES"]),
        int(SETTINGS["SOLVEQUEUE_MAX_CALCULATION_BYTES"]),
    )
    kept = int(SETTINGS["SOLVEQUEUE_WORKER_MEMORY_MB"]) * 2**20
    needed = processes * (kept + taken) + 512 * 2**20
    assert quantity(container["resources"]["limits"]["memory"]) == needed


@pytest.mark.parametrize("name", LASTING)
def test_pods_of_a_part_stand_apart_and_are_rolled_one_by_one(name: str) -> None:
    deployment: Manifest = named(BUILT["production"], "Deployment", name)
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    spread = OURS[name]["spec"]["topologySpreadConstraints"]
    assert {each["topologyKey"] for each in spread} == {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }
    for each in spread:
        assert each["labelSelector"]["matchLabels"].items() <= labels.items()
        assert COMPONENT in each["matchLabelKeys"]
