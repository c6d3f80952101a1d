"""Who may talk to whom in the cluster, and whom selectors and autoscalers mean."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

from db.contracts.metric import METRICS, MetricKind
from db.contracts.settings import Settings
from tests.clean_root.dockerfile import ROOT
from tests.manifests import (
    COMPONENT,
    KUBERNETES,
    NAME,
    OVERLAYS,
    Manifest,
    build,
    named,
    of_kind,
    part,
    pods,
    selects,
)

DOWNGRADE = build(KUBERNETES / "downgrade")
BUILT = {
    overlay: build(KUBERNETES / "overlays" / overlay) + DOWNGRADE
    for overlay in OVERLAYS
}
OURS = (
    *("api", "solvers", "solvers-bulk", "couriers", "beat", "flower"),
    *("migrations", "downgrade"),
)
NAMESPACE = "solvequeue"
each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


@dataclass(frozen=True)
class Place:
    """One end of a connection."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    namespace: str = ""
    """Empty outside of the cluster."""
    address: str = "10.244.3.7"
    """A pod's is in its network: no block of addresses of a policy may mean it."""
    listens: tuple[tuple[str, int], ...] = ()


def tcp(*ports: int) -> tuple[tuple[str, int], ...]:
    return tuple(("TCP", port) for port in ports)


ELSEWHERE = (
    Place(
        "dns",
        {"k8s-app": "kube-dns"},
        "kube-system",
        listens=(("UDP", 53), ("TCP", 53)),
    ),
    Place("cluster", {"component": "kube-apiserver"}, "kube-system", listens=tcp(443)),
    Place("controller", {NAME: "ingress-nginx"}, "ingress-nginx"),
    Place("prometheus", {NAME: "prometheus"}, "monitoring", listens=tcp(9090)),
    Place(
        "stranger", {NAME: "solvequeue", COMPONENT: "api"}, "default", listens=tcp(8000)
    ),
    Place("internet", address="198.51.100.7", listens=tcp(80, 443, 5432, 8443)),
    Place("internet-6", address="2001:db8::7", listens=tcp(80, 443)),
    Place("private", address="10.1.2.3", listens=tcp(80, 443)),
    Place("metadata", address="169.254.169.254", listens=tcp(80)),
    Place("postgresql-elsewhere", address="192.0.2.10", listens=tcp(5432)),
    Place("valkey-elsewhere", address="192.0.2.20", listens=tcp(6379)),
)


def places(made: list[Manifest]) -> list[Place]:
    inside = [
        Place(
            labels.get(COMPONENT, labels[NAME]),
            labels,
            NAMESPACE,
            listens=tcp(*[p["containerPort"] for p in part(pod).get("ports", ())]),
        )
        for pod in pods(made).values()
        if (labels := pod["metadata"]["labels"])
    ]
    return [*inside, *ELSEWHERE]


def means(peer: Manifest, place: Place) -> bool:
    if block := peer.get("ipBlock"):
        address = ip_address(place.address)
        inside = [
            address in network
            for each in (block["cidr"], *block.get("except", ()))
            if (network := ip_network(each)).version == address.version
        ]
        return inside == [True] + [False] * (len(inside) - 1)
    if not place.namespace:
        return False
    spaces = peer.get("namespaceSelector")
    if spaces is None and place.namespace != NAMESPACE:
        return False
    told = {"kubernetes.io/metadata.name": place.namespace}
    return selects(spaces or {}, told) and selects(
        peer.get("podSelector", {}), place.labels
    )


def lets(rule: Manifest, side: str, place: Place, protocol: str, port: int) -> bool:
    return any(means(peer, place) for peer in rule[side]) and any(
        each["protocol"] == protocol
        and each["port"] <= port <= each.get("endPort", each["port"])
        for each in rule["ports"]
    )


def is_let(
    policies: list[Manifest], one: Place, other: Place, protocol: str, port: int
) -> bool:
    """Return whether both ends' policies let a connection through."""
    for place, peer, way, side in (
        (one, other, "Egress", "to"),
        (other, one, "Ingress", "from"),
    ):
        if place.namespace != NAMESPACE:
            continue
        meant = [
            each["spec"]
            for each in policies
            if way in each["spec"]["policyTypes"]
            and selects(each["spec"]["podSelector"], place.labels)
        ]
        rules = [rule for spec in meant for rule in spec.get(way.lower(), ())]
        if meant and not any(lets(r, side, peer, protocol, port) for r in rules):
            return False
    return True


def connections(overlay: str) -> set[tuple[str, str, str]]:
    """Return all that are let through, of which one end at least is ours."""
    made = BUILT[overlay]
    policies = of_kind(made, "NetworkPolicy")
    all_places = places(made)
    return {
        (one.name, other.name, f"{protocol} {port}")
        for one in all_places
        for other in all_places
        if one is not other and NAMESPACE in {one.namespace, other.namespace}
        for protocol, port in other.listens
        if is_let(policies, one, other, protocol, port)
    }


EVERYWHERE = {
    *{(name, "dns", f"{protocol} 53") for name in OURS for protocol in ("UDP", "TCP")},
    ("controller", "api", "TCP 8000"),
    # Keys of the issuer of tokens.
    ("api", "internet", "TCP 443"),
    ("api", "internet-6", "TCP 443"),
    # Webhooks and providers.
    *{("couriers", "internet", f"TCP {port}") for port in (80, 443, 5432, 8443)},
    *{("couriers", "internet-6", f"TCP {port}") for port in (80, 443)},
    # What addresses in an example may mean; there is nobody.
    ("couriers", "postgresql-elsewhere", "TCP 5432"),
    ("couriers", "valkey-elsewhere", "TCP 6379"),
}
STORES = {
    "trial": ("postgresql", "valkey"),
    "production": ("postgresql-elsewhere", "valkey-elsewhere"),
}


@each_overlay
def test_these_connections_are_let_through_and_no_others(overlay: str) -> None:
    postgresql, valkey = STORES[overlay]
    wanted = {
        *EVERYWHERE,
        *{(name, postgresql, "TCP 5432") for name in OURS},
        *{(name, valkey, "TCP 6379") for name in OURS if name != "migrations"},
    }
    if overlay == "trial":
        wanted |= {
            (n, "dns", f"{p} 53") for n in STORES[overlay] for p in ("UDP", "TCP")
        }
    else:
        wanted |= {("prometheus", "api", "TCP 8000")}
    assert connections(overlay) == wanted


@each_overlay
def test_what_no_policy_names_is_denied_both_ways(overlay: str) -> None:
    nothing = named(BUILT[overlay], "NetworkPolicy", "nothing")["spec"]
    assert nothing == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@each_overlay
def test_every_policy_means_somebody(overlay: str) -> None:
    inside = [each for each in places(BUILT[overlay]) if each.namespace == NAMESPACE]
    for policy in of_kind(BUILT[overlay], "NetworkPolicy"):
        chosen = policy["spec"]["podSelector"]
        name = policy["metadata"]["name"]
        assert any(selects(chosen, each.labels) for each in inside), name
        for rule in policy["spec"].get("ingress", []) + policy["spec"].get(
            "egress", []
        ):
            for peer in rule.get("from", []) + rule.get("to", []):
                found = [e for e in places(BUILT[overlay]) if means(peer, e)]
                assert found, name


@each_overlay
def test_services_lead_to_ports_of_pods(overlay: str) -> None:
    made = BUILT[overlay]
    for service in of_kind(made, "Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        (meant,) = [
            pod
            for pod in pods(made).values()
            if selects(selector, pod["metadata"]["labels"])
        ]
        open_ports = {p["name"]: p["containerPort"] for p in part(meant)["ports"]}
        for port in service["spec"]["ports"]:
            assert open_ports[port["targetPort"]] == port["port"]


@each_overlay
def test_the_way_in_leads_to_the_api_and_gives_streams_their_time(overlay: str) -> None:
    (ingress,) = of_kind(BUILT[overlay], "Ingress")
    spec = ingress["spec"]
    (rule,) = spec["rules"]
    (path,) = rule["http"]["paths"]
    backend = path["backend"]["service"]
    service = named(BUILT[overlay], "Service", backend["name"])
    assert backend["name"] == "api"
    assert backend["port"]["name"] in {p["name"] for p in service["spec"]["ports"]}
    assert spec["tls"] == [{"hosts": [rule["host"]], "secretName": "tls"}]
    prefix = "nginx.ingress.kubernetes.io/"
    notes = {
        k.removeprefix(prefix): v for k, v in ingress["metadata"]["annotations"].items()
    }
    compose = "".join(file.read_text() for file in (ROOT / "deploy/nginx").iterdir())
    assert f"client_max_body_size {notes['proxy-body-size']};" in compose
    assert (
        int(notes["proxy-body-size"].removesuffix("m")) * 2**20
        == Settings().max_body_bytes
    )
    for name, unit in {
        "proxy-buffering": "",
        "proxy-read-timeout": "s",
        "proxy-send-timeout": "s",
        "proxy-connect-timeout": "s",
        "proxy-next-upstream": "",
        "proxy-next-upstream-tries": "",
    }.items():
        assert f"{name.replace('-', '_')} {notes[name]}{unit};" in compose
    assert f"limit_conn callers {notes['limit-connections']};" in compose


@each_overlay
def test_budgets_let_nodes_be_emptied_and_keep_the_rest(overlay: str) -> None:
    made = BUILT[overlay]
    kept = set()
    for budget in of_kind(made, "PodDisruptionBudget"):
        (meant,) = [
            name
            for name, pod in pods(made).items()
            if selects(budget["spec"]["selector"], pod["metadata"]["labels"])
        ]
        assert budget["spec"]["maxUnavailable"] == 1
        kept.add(meant)
    assert kept == {"api", "solvers", "solvers-bulk", "couriers", "beat"}


@each_overlay
def test_nobody_sets_a_number_that_an_autoscaler_keeps(overlay: str) -> None:
    made = BUILT[overlay]
    scaled = of_kind(made, "HorizontalPodAutoscaler", "ScaledObject")
    names = {each["spec"]["scaleTargetRef"]["name"] for each in scaled}
    assert names == {"api"} | (
        {"solvers", "solvers-bulk"} if overlay == "production" else set()
    )
    for name in ("api", "solvers", "solvers-bulk"):
        assert "replicas" not in named(made, "Deployment", name)["spec"]
    for name in ("couriers", "beat"):
        assert named(made, "Deployment", name)["spec"]["replicas"] == 2
    (api,) = of_kind(made, "HorizontalPodAutoscaler")
    assert 2 <= api["spec"]["minReplicas"] < api["spec"]["maxReplicas"]


SCALED = of_kind(BUILT["production"], "ScaledObject")
QUERIES = [
    pytest.param(scaled["spec"]["scaleTargetRef"]["name"], trigger["metadata"]["query"])
    for scaled in SCALED
    for trigger in scaled["spec"]["triggers"]
    if trigger["type"] == "prometheus"
]


@pytest.mark.parametrize(("name", "query"), QUERIES)
def test_a_trigger_asks_for_the_queues_that_its_pods_serve(
    name: str, query: str
) -> None:
    asked = re.findall(r"solvequeue_\w+", query)
    assert len(asked) == 2
    for metric in asked:
        assert METRICS[metric].kind is MetricKind.GAUGE
        assert METRICS[metric].labels == ("queue",)
        # Each API process tells the same.
        assert f"max by (queue) ({metric}" in query
    (queues,) = re.findall(r'queue=~"([^"]+)"', query)
    container = part(pods(BUILT["production"])[name])
    assert f"--queues={queues.replace('|', ',')}" in container["command"]


def test_pods_are_added_by_age_and_depth_and_kept_while_they_work() -> None:
    assert {each["metadata"]["name"] for each in SCALED} == {"solvers", "solvers-bulk"}
    for scaled in SCALED:
        spec = scaled["spec"]
        triggers = [each["type"] for each in spec["triggers"]]
        assert triggers == ["prometheus", "prometheus", "cpu"]
        age, depth, _ = spec["triggers"]
        assert "oldest_age_seconds" in age["metadata"]["query"]
        assert "queue_depth" in depth["metadata"]["query"]
        assert (age["metricType"], depth["metricType"]) == ("Value", "AverageValue")
        for each in (age, depth):
            # Without an answer nothing is taken away.
            assert each["metadata"]["ignoreNullValues"] == "false"
            assert float(each["metadata"]["threshold"]) > 0
        assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]


def test_prometheus_finds_the_api_under_the_name_that_rules_have() -> None:
    made = BUILT["production"]
    (monitor,) = of_kind(made, "ServiceMonitor")
    (service,) = [
        each
        for each in of_kind(made, "Service")
        if selects(monitor["spec"]["selector"], each["metadata"]["labels"])
    ]
    assert service["metadata"]["labels"][monitor["spec"]["jobLabel"]] == "solvequeue"
    (endpoint,) = monitor["spec"]["endpoints"]
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    scraped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yaml").read_text())
    (job,) = [j for j in scraped["scrape_configs"] if j["job_name"] == "solvequeue"]
    assert endpoint["path"] == job["metrics_path"]
    assert endpoint["interval"] == scraped["global"]["scrape_interval"]


# Two API processes tell the same; `standard` has more, and is in pause.
TOLD = {
    f'{metric}{{queue="{queue}", instance="{instance}"}}': value
    for metric, values in {
        "solvequeue_queue_oldest_age_seconds": (40, 90, 700),
        "solvequeue_queue_depth": (7, 30, 11),
        "solvequeue_queue_paused": (0, 1, 0),
    }.items()
    for queue, value in zip(("interactive", "standard", "bulk"), values, strict=True)
    for instance in ("a", "b")
}
ANSWERS = {"solvers": (40, 7), "solvers-bulk": (700, 11)}


@pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not here")
@pytest.mark.parametrize("name", ANSWERS)
def test_prometheus_answers_triggers_without_queues_in_pause(
    name: str, tmp_path: Path
) -> None:
    queries = [query.values[1] for query in QUERIES if query.values[0] == name]
    asked = {
        "interval": "15s",
        "input_series": [{"series": k, "values": f"{v}x4"} for k, v in TOLD.items()],
        "promql_expr_test": [
            {
                "expr": query,
                "eval_time": "1m",
                "exp_samples": [{"labels": "{}", "value": answer}],
            }
            for query, answer in zip(queries, ANSWERS[name], strict=True)
        ],
    }
    given = tmp_path / "test.yaml"
    given.write_text(yaml.safe_dump({"tests": [asked]}))
    said = subprocess.run(
        ["promtool", "test", "rules", given],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
