"""What a bill of materials has to hold, and what it may not pass over."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from deploy.supply.sbom import (
    LICENCES,
    LOCK,
    VENDOR,
    WrongError,
    bill,
    declared,
    pins,
    vendored,
)

LOCKED = list(pins(LOCK.read_text(encoding="utf-8")))
RULES = tomllib.loads(LICENCES.read_text(encoding="utf-8"))


def environment(**changed: Any) -> dict[str, Any]:
    """Return what CycloneDX would say of an environment as the lock wants it."""
    components = [
        {
            "type": "library",
            "bom-ref": f"{pin.name}=={pin.version}",
            "name": pin.name,
            "version": pin.version,
            "purl": f"pkg:pypi/{pin.name}@{pin.version}",
            "licenses": [{"license": {"id": "MIT"}}],
        }
        for pin in LOCKED
    ]
    components[0] |= changed
    tool = {**components[0], "name": "pytest", "bom-ref": "pytest"}
    service = {"bom-ref": "root-component", "externalReferences": ["here"]}
    return {
        "components": [*components, tool],
        "metadata": {"component": service},
        "dependencies": [{"ref": "root-component", "dependsOn": ["pytest"]}],
    }


def test_every_locked_requirement_is_in_it_with_its_hashes() -> None:
    made = {each["name"]: each for each in bill(environment())["components"]}
    assert len(LOCKED) > 50
    for pin in LOCKED:
        (source,) = made[pin.name]["externalReferences"]
        assert {each["content"] for each in source["hashes"]} == set(pin.hashes)
        assert pin.hashes


def test_every_vendored_file_is_in_it() -> None:
    kept = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))
    made = {each["name"]: each for each in bill(environment())["components"]}
    for file, about in kept.items():
        assert made[file]["hashes"][0]["content"] == about["sha256"]
        inside = [
            f"{each['name']} {each['version']}" for each in made[file]["components"]
        ]
        assert inside == about["of"]


def test_what_only_checks_and_tests_need_is_not_in_it() -> None:
    made = bill(environment())
    assert "pytest" not in [each["name"] for each in made["components"]]
    assert made["dependencies"] == [{"ref": "root-component", "dependsOn": []}]


def test_it_names_no_place_on_this_machine() -> None:
    assert "externalReferences" not in bill(environment())["metadata"]["component"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "another"}, "locked and not installed"),
        ({"version": "0.0.0"}, "installed 0.0.0"),
        ({"licenses": []}, "declares no licence"),
        ({"licenses": [{"expression": "AGPL-3.0-only"}]}, "AGPL-3.0-only"),
    ],
)
def test_what_is_wrong_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongError, match=said):
        bill(environment(**changed))


def test_a_licence_in_two_ways_is_the_one_of_spdx() -> None:
    said = [{"license": {"id": "MIT"}}, {"license": {"name": "License :: X"}}]
    assert declared({"licenses": said}) == ["MIT"]
    assert declared({"licenses": said[1:]}) == ["License :: X"]


def test_each_reason_is_of_something_that_is_locked() -> None:
    assert RULES["reasons"].keys() <= {pin.name for pin in LOCKED}


def test_a_vendored_text_of_another_licence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.LICENSE").write_text("All rights reserved", encoding="utf-8")
    about = {"x.js": {"of": ["x 1"], "licences": ["x.LICENSE"], "sha256": "0"}}
    (tmp_path / "vendored.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(WrongError, match=r"x\.LICENSE"):
        list(vendored(tmp_path))


def test_a_pin_for_another_system_is_left_out() -> None:
    text = "a==1 ; sys_platform == 'nowhere' \\\n    --hash=sha256:00\nb==2\n"
    assert [pin.name for pin in pins(text)] == ["b"]
