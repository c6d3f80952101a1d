"""The compose file is one, keeps its secrets elsewhere, and gives nobody too much."""

import gzip
import json
import re
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import SecretStr

from db.contracts.settings import Settings
from db.contracts.variables import KNOWN, variables_of
from tests.clean_root import compose
from tests.clean_root.dockerfile import DOCKERFILE, parse
from tests.deployed_secrets import copy_with_secrets, make_secrets

DEPLOY = DOCKERFILE.parent
COMPOSE = compose.read()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = compose.own_services(COMPOSE)
SCHEMA = Path(__file__).parent / "compose" / "compose-spec.json.gz"
EXAMPLE = (DEPLOY / "env.example").read_text("utf-8")
GIVEN = dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
OF_OTHERS = {"FLOWER_BASIC_AUTH"}
"""Read by Flower itself."""
SECRET = re.compile(r"secret|password|token", re.IGNORECASE)
each = pytest.mark.parametrize("name", SERVICES)


def test_it_is_a_compose_file() -> None:
    Draft202012Validator.check_schema(
        schema := json.loads(gzip.decompress(SCHEMA.read_bytes()))
    )
    told = [e.message for e in Draft202012Validator(schema).iter_errors(COMPOSE)]
    assert told == []


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="compose is not here")
def test_compose_itself_is_content(made: Path) -> None:
    said = subprocess.run(
        ["docker-compose", "--file", made / "compose.yaml", "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


@each
def test_a_container_has_few_rights_and_an_end(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service)
    assert {"cpus", "memory", "pids"} <= set(service["deploy"]["resources"]["limits"])
    assert "healthcheck" in service or name == "api"


def test_solvers_have_the_memory_that_they_can_hold() -> None:
    service, settings = SERVICES["solvers"], Settings(database_url="sqlite://")
    (told,) = re.findall(r"--concurrency=(\d+)", " ".join(service["command"]))
    taken = max(settings.max_job_bytes, settings.max_calculation_bytes)
    kept = int(GIVEN["SOLVEQUEUE_WORKER_MEMORY_MB"]) * 2**20
    needed = int(told) * (kept + taken) + 512 * 2**20
    limits = service["deploy"]["resources"]["limits"]
    assert limits["memory"] == f"{needed // 2**20}m"


@each
def test_an_image_is_named_to_its_patch(name: str) -> None:
    tag = SERVICES[name]["image"].rpartition(":")[2]
    assert re.match(r"v?\d+\.\d+", tag)
    assert tag != "latest"


@each
def test_no_secret_stands_in_it(name: str) -> None:
    given = SERVICES[name].get("environment", {})
    for variable, value in given.items():
        if SECRET.search(variable):
            assert value.startswith("/run/secrets/"), variable
    words = " ".join(map(str, SERVICES[name].get("command", ())))
    assert not SECRET.search(words)
    for secret in SERVICES[name].get("secrets", ()):
        assert secret in COMPOSE["secrets"]


def test_only_the_proxy_is_reached_from_elsewhere() -> None:
    published = {
        (name, port)
        for name, service in SERVICES.items()
        for port in service.get("ports", ())
        if not port.startswith("127.0.0.1:")
    }
    assert {name for name, _ in published} == {"proxy"}
    networks = COMPOSE["networks"]
    for name in ("front", "back", "monitoring"):
        assert networks[name]["internal"] is True
    for name in ("postgresql", "valkey"):
        assert SERVICES[name]["networks"] == ["back"]
    assert set(SERVICES["proxy"]["networks"]) == {"edge", "front"}


def test_the_proxy_is_the_one_that_is_believed() -> None:
    address = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    (pool,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    assert ip_address(address) in ip_network(pool["subnet"])
    assert SERVICES["api"]["environment"]["SOLVEQUEUE_TRUSTED_PROXIES"] == address


def test_nobody_asks_for_tables_that_are_not_there_yet() -> None:
    for name in set(OURS) - {"migrations"}:
        waits = OURS[name]["depends_on"]
        done = "service_completed_successfully"
        assert waits["migrations"]["condition"] == done, name


def test_there_is_more_than_one_of_what_must_not_be_missing() -> None:
    for name in ("api", "solvers", "couriers", "beat"):
        assert SERVICES[name]["deploy"]["replicas"] >= 2


def test_what_it_says_to_the_service_is_heard() -> None:
    given = {name for each in OURS.values() for name in each.get("environment", ())}
    assert given <= KNOWN
    image = parse(DOCKERFILE.read_text("utf-8"))[-1]
    told = {name for step in image.all("ENV") for name in step.pairs}
    assert {name for name in told if name.startswith("SOLVEQUEUE_")} <= KNOWN


def test_every_line_of_the_example_is_a_setting() -> None:
    assert set(GIVEN) <= KNOWN | OF_OTHERS
    assert len(GIVEN) == len(re.findall(r"^#?[A-Z][A-Z_]+=", EXAMPLE, re.MULTILINE))


def test_every_secret_has_its_line() -> None:
    secrets = [
        variables_of(name)
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation) or SecretStr is field.annotation
    ]
    # Of `solvequeue up` alone: Flower by itself reads FLOWER_BASIC_AUTH.
    secrets.remove(variables_of("flower_password"))
    assert len(secrets) >= 4
    assert [names for names in secrets if not set(names) & set(GIVEN)] == []


def test_the_example_starts_nothing_open_and_has_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in KNOWN:
        monkeypatch.delenv(name, raising=False)
    lines = re.findall(r"^([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)
    for name, value in lines:
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.auth_mode == "required"
    assert not settings.database_password.get_secret_value()
    assert dict(lines)["FLOWER_BASIC_AUTH"] == ""


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return copy_with_secrets(tmp_path / "deploy")


def test_secrets_agree_and_are_made_once(made: Path) -> None:
    found = make_secrets(made)
    assert make_secrets(made) == found
    settings = found.pop("solvequeue.env")
    assert set(found) == set(COMPOSE["secrets"])
    assert f"DATABASE_PASSWORD={found['postgres_password']}\n" in settings
    password = found["valkey_password"]
    assert f"REDIS_URL=redis://solvequeue:{password}@valkey:6379/0\n" in settings
    assert re.search(r"^FLOWER_BASIC_AUTH=admin:[0-9a-f]{48}$", settings, re.M)
    for kept in (made / "solvequeue.env", made / "secrets"):
        assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not here")
def test_nginx_itself_is_content(made: Path) -> None:
    path = made / "nginx" / "nginx.conf"
    text = path.read_text().replace(" /tmp/", f" {made}/")
    path.write_text(text.replace("/run/secrets", str(made / "secrets")))
    said = subprocess.run(
        ["nginx", "-t", "-q", "-c", path, "-p", made],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr


def test_the_files_that_it_mounts_are_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).exists(), source


def test_grafana_and_prometheus_find_what_they_are_told_of() -> None:
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yaml").read_text())
    (ours,) = [s for s in scraped["scrape_configs"] if s["job_name"] == "solvequeue"]
    assert ours["metrics_path"] == "/metrics/prometheus"
    assert ours["dns_sd_configs"][0]["names"] == ["api"]
    assert "monitoring" in SERVICES["api"]["networks"]
    boards = yaml.safe_load(
        (DEPLOY / "grafana/provisioning/dashboards/solvequeue.yaml").read_text()
    )
    (provider,) = boards["providers"]
    mounts = [v.split(":")[1] for v in SERVICES["grafana"]["volumes"]]
    assert provider["options"]["path"] in mounts
