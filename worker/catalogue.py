"""Writes db/contracts/catalogue.json: `python -m worker.catalogue [--check]`."""

import json
import sys
from pathlib import Path
from typing import Any

import db.contracts
from db import instance_codec
from db.instance_codec import Matrices
from worker.qap import BOUNDS, METHODS, qaplib
from worker.qap.methods.method import Method

PATH = Path(db.contracts.__file__).with_name("catalogue.json")


def build() -> dict[str, Any]:
    """Return the catalogue as it has to be."""
    return {
        "methods": {name: _method(method) for name, method in METHODS.items()},
        "bounds": {
            name: {
                "name": bound.name,
                "title": bound.title,
                "summary": bound.summary,
                "complexity_time": bound.complexity_time,
                "reference": bound.reference,
            }
            for name, bound in BOUNDS.items()
        },
        "instances": {name: _instance(name) for name in qaplib.names()},
    }


def _method(method: Method) -> dict[str, Any]:
    return {
        "name": method.name,
        "title": method.title,
        "summary": method.summary,
        "kind": method.kind,
        "version": method.version,
        "category": method.category,
        "complexity_time": method.complexity_time,
        "complexity_space": method.complexity_space,
        "best_for": list(method.best_for),
        "reference": method.reference,
        "max_order": method.max_order,
        "parameters": [
            {
                "name": parameter.name,
                "description": parameter.description,
                "minimum": parameter.minimum,
                "maximum": parameter.maximum,
                "default": parameter.default,
                "integer": parameter.is_integer,
            }
            for parameter in method.parameters
        ],
    }


def _instance(name: str) -> dict[str, Any]:
    instance, best = qaplib.load(name), qaplib.best_known(name)
    matrices = Matrices(instance.flow, instance.distance, instance.linear)
    return {
        "name": name,
        "order": instance.order,
        "sha256": instance_codec.sha256(instance_codec.encode(matrices)),
        "best_known": best.value,
        "proven_optimal": best.is_optimal,
        "lower_bound": best.lower_bound,
    }


def main(arguments: list[str]) -> int:
    text = json.dumps(build(), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        PATH.write_text(text, encoding="utf-8")
        return 0
    if PATH.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("catalogue.json is out of date: run `make catalogue`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
