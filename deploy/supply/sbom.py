"""Writes what the service is made of: `make sbom`.

CycloneDX names what is installed; what of that is locked for running stays, with the
hashes of the lock, and the dashboard's vendored scripts are added. A component that is
missing, of another version, or of a licence that nobody has read fails it.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.txt"
VENDOR = ROOT / "api" / "web" / "dashboard" / "vendor"
LICENCES = Path(__file__).with_name("licences.toml")
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)(?:\s*;\s*(.+))?$")
TITLES = {"MIT License": "MIT", "Apache License": "Apache-2.0"}
# Run with the tool's Python: the schema comes with the tool.
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(None if wrong is None else str(wrong))
"""

Component = dict[str, Any]


class WrongError(Exception):
    """The bill is not what it has to be; the message tells all that is wrong."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A locked requirement that this machine installs."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pins(text: str) -> Iterator[Pin]:
    """Yield what a lock file pins for this machine and this Python."""
    for line in text.replace("\\\n", " ").splitlines():
        said, *hashes = line.split("--hash=sha256:")
        found = PIN.match(said.strip())
        if found is None:
            if said.strip() and not said.startswith("#"):
                raise WrongError(f"not a pin: {said.strip()}")
            continue
        name, version, marker = found.groups()
        if marker is None or Marker(marker).evaluate():
            yield Pin(
                canonicalize_name(name), version, tuple(each.strip() for each in hashes)
            )


def declared(component: Component) -> list[str]:
    """Return the licences as they are declared; of several ways to say it, SPDX's."""
    told = [
        each.get("expression")
        or each["license"].get("id")
        or each["license"].get("name", "")
        for each in component.get("licenses", [])
    ]
    spdx = [each for each in told if not each.startswith("License ::")]
    return spdx or told


def unread(name: str, licences: list[str], rules: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the licences of a component, if anything is."""
    if not licences:
        return f"{name} declares no licence"
    others = [each for each in licences if each not in rules["permissive"]]
    if others and name not in rules["reasons"]:
        return f"{name}: {', '.join(others)}: licences.toml does not know it"
    return None


def vendored(folder: Path) -> Iterator[Component]:
    """Yield each vendored file, and in it the libraries that it is made of."""
    kept = json.loads((folder / "vendored.json").read_text(encoding="utf-8"))
    for file, about in kept.items():
        yield {
            "type": "file",
            "bom-ref": f"vendor/{file}",
            "name": file,
            "hashes": [{"alg": "SHA-256", "content": about["sha256"]}],
            "components": [
                {
                    "type": "library",
                    "bom-ref": f"vendor/{file}/{said}",
                    "name": name,
                    "version": version,
                    "purl": f"pkg:npm/{name}@{version}",
                    "licenses": [{"license": {"id": _licence_in(folder / text)}}],
                }
                for said, text in zip(about["of"], about["licences"], strict=True)
                for name, version in [said.split()]
            ],
        }


def _licence_in(file: Path) -> str:
    head = file.read_text(encoding="utf-8")[:200]
    for title, licence in TITLES.items():
        if title in head:
            return licence
    raise WrongError(f"{file.name}: a licence that is not known by its title")


def of_the_lock(installed: list[Component], locked: list[Pin]) -> list[Component]:
    """Return the installed components that are locked, each with its hashes."""
    by_name = {canonicalize_name(each["name"]): each for each in installed}
    kept = []
    wrong = []
    for pin in locked:
        component = by_name.get(pin.name)
        if component is None:
            wrong.append(f"{pin.name} is locked and not installed")
        elif component["version"] != pin.version:
            there = component["version"]
            wrong.append(f"{pin.name} is locked at {pin.version}, installed {there}")
        else:
            source = {
                "type": "distribution",
                "comment": "the files that the lock allows",
                "url": component["purl"],
                "hashes": [
                    {"alg": "SHA-256", "content": each} for each in sorted(pin.hashes)
                ],
            }
            sources = [*component.get("externalReferences", []), source]
            kept.append({**component, "externalReferences": sources})
    if wrong:
        raise WrongError("\n".join(wrong))
    return kept


def checked(components: list[Component], rules: Mapping[str, Any]) -> list[Component]:
    """Return the components; raise WrongError where a licence is not known."""
    libraries = [
        each
        for component in components
        for each in (component, *component.get("components", []))
        if each["type"] == "library"
    ]
    wrong = [
        said
        for each in libraries
        if (said := unread(canonicalize_name(each["name"]), declared(each), rules))
    ]
    if wrong:
        raise WrongError("\n".join(wrong))
    return components


def bill(environment: dict[str, Any]) -> dict[str, Any]:
    """Return the bill of materials, made of what CycloneDX says of an environment."""
    rules = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
    locked = list(pins(LOCK.read_text(encoding="utf-8")))
    ours = of_the_lock(environment["components"], locked)
    components = checked([*ours, *vendored(VENDOR)], rules)
    service = environment["metadata"]["component"]
    service.pop("externalReferences", None)
    known = {service["bom-ref"], *(each["bom-ref"] for each in components)}
    needs = [
        {**each, "dependsOn": [to for to in each.get("dependsOn", []) if to in known]}
        for each in environment["dependencies"]
        if each["ref"] in known
    ]
    return {**environment, "components": components, "dependencies": needs}


def main(python: str, tools: str, target: str) -> int:
    """Write the bill of the environment of ``python``, with the folder of ``tools``."""
    told = subprocess.run(  # noqa: S603 (all are the Makefile's)
        [
            *(f"{tools}/cyclonedx-py", "environment", python),
            *("--pyproject", str(ROOT / "pyproject.toml")),
            *("--mc-type", "application", "--spec-version", "1.6", "--no-validate"),
            *("--output-reproducible", "--output-format", "JSON"),
        ],
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    try:
        made = bill(json.loads(told))
    except WrongError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = json.dumps(made, indent=1, sort_keys=True) + "\n"
    subprocess.run(  # noqa: S603
        [f"{tools}/python", "-c", VALIDATE], input=text, text=True, check=True
    )
    file = Path(target)
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{target}: {len(made['components'])} components\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
