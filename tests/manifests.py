"""Builds `deploy/kubernetes/`: by kubectl, or in part by itself where there is none.

`build` knows the features of Kustomize that stand in `KNOWN` and refuses others. It
gives ConfigMaps no suffix; `built_by_kubectl` takes theirs away, so that both compare.
"""

import copy
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.clean_root.dockerfile import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("trial", "production")
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"

Manifest = dict[str, Any]

KNOWN = frozenset(
    {
        *("apiVersion", "kind", "namespace", "resources", "components"),
        *("configMapGenerator", "images", "patches", "replacements"),
    }
)
MERGED_BY = {
    "containers": "name",
    "initContainers": "name",
    "volumes": "name",
    "env": "name",
    "volumeMounts": "mountPath",
    "topologySpreadConstraints": "topologyKey",
}
"""Lists of a pod whose items are merged, by what; others are replaced."""
OF_THE_CLUSTER = {"Namespace"}


class NotResolvedError(Exception):
    """A feature of Kustomize that this loader does not know."""


def build(folder: Path) -> list[Manifest]:
    """Return the manifests of a folder with a kustomization.yaml, sorted."""
    return _sorted(_resolve(folder, []))


def built_by_kubectl(folder: Path) -> list[Manifest]:
    """Return what `kubectl kustomize` makes of it, without suffixes of ConfigMaps."""
    said = subprocess.run(
        ["kubectl", "kustomize", folder], capture_output=True, text=True, check=True
    )
    made = list(yaml.safe_load_all(said.stdout))
    names = {
        name: re.sub(r"-[a-z0-9]{10}$", "", name)
        for each in made
        if each["kind"] == "ConfigMap" and (name := each["metadata"]["name"])
    }

    def rename(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: rename(each) for key, each in value.items()}
        if isinstance(value, list):
            return [rename(each) for each in value]
        return names.get(value, value) if isinstance(value, str) else value

    return _sorted([rename(each) for each in made])


def of_kind(made: list[Manifest], *kinds: str) -> list[Manifest]:
    return [each for each in made if each["kind"] in kinds]


def named(made: list[Manifest], kind: str, name: str) -> Manifest:
    (found,) = [e for e in of_kind(made, kind) if e["metadata"]["name"] == name]
    return found


def pods(made: list[Manifest]) -> dict[str, Manifest]:
    """Return the template of each pod, by the name of its Deployment, Job or set."""
    return {
        each["metadata"]["name"]: each["spec"]["template"]
        for each in of_kind(made, "Deployment", "StatefulSet", "Job")
    }


def all_containers(pod: Manifest) -> Iterator[Manifest]:
    yield from pod["spec"].get("initContainers", ())
    yield from pod["spec"]["containers"]


def part(pod: Manifest) -> Manifest:
    """Return the one container that stays."""
    (found,) = pod["spec"]["containers"]
    container: Manifest = found
    return container


def selects(selector: Manifest, labels: Manifest) -> bool:
    """Return whether a selector of labels means whoever has these."""
    for rule in selector.get("matchExpressions", ()):
        has = labels.get(rule["key"]) in rule["values"]
        if has != {"In": True, "NotIn": False}[rule["operator"]]:
            return False
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def _resolve(folder: Path, found: list[Manifest]) -> list[Manifest]:
    told = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    if unknown := set(told) - KNOWN:
        raise NotResolvedError(f"{folder}: {sorted(unknown)}")
    made = list(found)
    for name in told.get("resources", ()):
        path = folder / name
        made += _resolve(path, []) if path.is_dir() else _read(path)
    for generator in told.get("configMapGenerator", ()):
        _generate(generator, folder, made)
    for name in told.get("components", ()):
        made = _resolve(folder / name, made)
    for patch in told.get("patches", ()):
        _patch(patch, folder, made)
    for each in made:
        if "namespace" in told and each["kind"] not in OF_THE_CLUSTER:
            each["metadata"]["namespace"] = told["namespace"]
    for image in told.get("images", ()):
        _rename_image(image, made)
    for replacement in told.get("replacements", ()):
        _replace(replacement, made)
    return made


def _read(path: Path) -> list[Manifest]:
    # Through JSON: what anchors share must not be changed together.
    read = yaml.safe_load_all(path.read_text("utf-8"))
    return [json.loads(json.dumps(each)) for each in read]


def _generate(generator: Manifest, folder: Path, made: list[Manifest]) -> None:
    if unknown := set(generator) - {"name", "envs", "files", "behavior"}:
        raise NotResolvedError(f"{folder}: configMapGenerator: {sorted(unknown)}")
    data = {name: (folder / name).read_text() for name in generator.get("files", ())}
    for name in generator.get("envs", ()):
        lines = (folder / name).read_text("utf-8").splitlines()
        pairs = [line.partition("=") for line in lines if line and line[0] != "#"]
        data |= {key: value for key, _, value in pairs}
    if generator.get("behavior") == "merge":
        named(made, "ConfigMap", generator["name"])["data"].update(data)
        return
    made.append(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": generator["name"]},
            "data": data,
        }
    )


def _patch(patch: Manifest, folder: Path, made: list[Manifest]) -> None:
    if unknown := set(patch) - {"path", "target"}:
        raise NotResolvedError(f"{folder}: patches: {sorted(unknown)}")
    (given,) = _read(folder / patch["path"])
    asked = {"kind": given["kind"], "name": given["metadata"]["name"]}
    target = patch.get("target", asked)
    if unknown := set(target) - {"kind", "name"}:
        raise NotResolvedError(f"{folder}: target: {sorted(unknown)}")
    meant = [
        each
        for each in of_kind(made, target["kind"])
        if re.fullmatch(target.get("name", ".*"), each["metadata"]["name"])
    ]
    if not meant:
        raise NotResolvedError(f"{folder}: {patch['path']} changes nothing")
    for each in meant:
        merged = _merge(each, {**given, "metadata": {}})
        each.update(merged)


def _merge(old: Manifest, new: Manifest) -> Manifest:
    found = dict(old)
    for key, value in new.items():
        if value is None or key.startswith("$"):
            raise NotResolvedError(f"a patch that takes away: {key}")
        if isinstance(value, dict):
            found[key] = _merge(old.get(key, {}), value)
        elif isinstance(value, list) and key in MERGED_BY:
            found[key] = _merge_items(old.get(key, []), value, MERGED_BY[key])
        else:
            found[key] = copy.deepcopy(value)
    return found


def _merge_items(old: list[Any], new: list[Any], by: str) -> list[Any]:
    found = {each[by]: each for each in old}
    for each in new:
        found[each[by]] = _merge(found.get(each[by], {}), each)
    return list(found.values())


def _rename_image(image: Manifest, made: list[Manifest]) -> None:
    for pod in pods(made).values():
        for container in all_containers(pod):
            name, _, tag = container["image"].rpartition(":")
            if name == image["name"]:
                name = image.get("newName", name)
                container["image"] = f"{name}:{image.get('newTag', tag)}"


def _replace(replacement: Manifest, made: list[Manifest]) -> None:
    """Put a piece of a container's image behind a piece of a name; nothing else."""
    source = replacement["source"]
    (target,) = replacement["targets"]
    path = r"spec\.template\.spec\.containers\.\[name=(\w+)\]\.image"
    match = re.fullmatch(path, source["fieldPath"])
    if not match or target["fieldPaths"] != ["metadata.name"]:
        raise NotResolvedError(f"replacements: {replacement}")
    job = named(made, source["kind"], source["name"])
    (container,) = all_containers(job["spec"]["template"])
    options = source["options"]
    piece = container["image"].split(options["delimiter"])[options["index"]]
    metadata = named(made, **target["select"])["metadata"]
    pieces = metadata["name"].split(target["options"]["delimiter"])
    if len(pieces) != target["options"]["index"]:
        raise NotResolvedError(f"replacements: {metadata['name']}")
    metadata["name"] = target["options"]["delimiter"].join([*pieces, piece])


def _sorted(made: list[Manifest]) -> list[Manifest]:
    def place(each: Manifest) -> tuple[str, str]:
        return each["kind"], each["metadata"]["name"]

    return sorted((_with_sorted_lists(each) for each in made), key=place)


def _with_sorted_lists(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_sorted_lists(each, name) for name, each in value.items()}
    if not isinstance(value, list):
        return value
    items = [_with_sorted_lists(each) for each in value]
    if key not in MERGED_BY:
        return items
    return sorted(items, key=lambda item: str(item[MERGED_BY[key]]))
