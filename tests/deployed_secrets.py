"""What `deploy/make-secrets` makes, beside a copy of what is given away."""

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"


def copy_with_secrets(folder: Path) -> Path:
    """Copy `deploy/` there without the secrets of whoever runs this, and make some."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here")
    ours = shutil.ignore_patterns("secrets", "solvequeue.env")
    shutil.copytree(DEPLOY, folder, ignore=ours)
    make_secrets(folder)
    return folder


def make_secrets(folder: Path) -> dict[str, str]:
    subprocess.run([folder / "make-secrets"], capture_output=True, check=True)
    found = {path.name: path.read_text() for path in (folder / "secrets").iterdir()}
    return {**found, "solvequeue.env": (folder / "solvequeue.env").read_text()}
