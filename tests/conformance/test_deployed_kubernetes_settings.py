"""Settings are read, secrets are elsewhere, and files that stand twice are the same."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from db.contracts.settings import Settings
from db.contracts.variables import KNOWN
from tests.clean_root.dockerfile import DOCKERFILE, ROOT, parse
from tests.manifests import (
    KUBERNETES,
    OVERLAYS,
    all_containers,
    build,
    named,
    of_kind,
    part,
    pods,
)

BUILT = {overlay: build(KUBERNETES / "overlays" / overlay) for overlay in OVERLAYS}
IMAGE = parse(DOCKERFILE.read_text("utf-8"))[-1]
HOWTO = ROOT / "docs" / "howto" / "deploy-on-kubernetes.md"
SECRET = re.compile(r"secret|password|token", re.IGNORECASE)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_setting_is_read(overlay: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = named(BUILT[overlay], "ConfigMap", "settings")["data"]
    assert set(given) <= KNOWN
    for name in KNOWN:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    settings.refuse_if_open()
    assert settings.auth_mode == "required"
    assert not settings.metrics_open
    ports = part(pods(BUILT[overlay])["api"])["ports"]
    assert ports == [{"name": "http", "containerPort": settings.api_port}]
    assert f"--port={settings.api_port}" in IMAGE.last("CMD").arguments


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_secret_stands_in_it(overlay: str) -> None:
    made = BUILT[overlay]
    assert of_kind(made, "Secret") == []
    given = [
        (each["name"], each["value"])
        for pod in pods(made).values()
        for container in all_containers(pod)
        for each in container.get("env", ())
    ]
    for config in of_kind(made, "ConfigMap"):
        given += config["data"].items()
    for name, value in given:
        if SECRET.search(name):
            assert value.startswith("/run/secrets/"), name
        assert not re.search(r"://[^/\s]*@", value), name


def test_secrets_that_are_named_are_those_that_the_page_makes() -> None:
    used: set[str] = set()
    for made in (*BUILT.values(), build(KUBERNETES / "downgrade")):
        text = yaml.safe_dump_all(made)
        used |= set(re.findall(r"secretName: ([\w-]+)", text))
        used |= set(re.findall(r"secretRef:\n\s+name: ([\w-]+)", text))
        for monitor in of_kind(made, "ServiceMonitor"):
            used |= {
                each["authorization"]["credentials"]["name"]
                for each in monitor["spec"]["endpoints"]
            }
    shown = re.findall(r"create secret (?:generic|tls) ([\w-]+)", HOWTO.read_text())
    assert used == set(shown)


def test_files_that_stand_twice_are_the_same(tmp_path: Path) -> None:
    copied = KUBERNETES / "overlays" / "trial" / "valkey.conf"
    assert copied.read_text() == (ROOT / "deploy/valkey/valkey.conf").read_text()
    component = KUBERNETES / "components" / "prometheus"
    subprocess.run([component / "make-rules", tmp_path / "rules.yaml"], check=True)
    made = (tmp_path / "rules.yaml").read_text()
    assert (component / "rules.yaml").read_text() == made, "run make-rules"
    groups = yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text())
    assert yaml.safe_load(made)["spec"] == groups
