"""Debian roots: made by debootstrap, filled by the Dockerfile's own steps."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.clean_root.dockerfile import ROOT, Instruction, Stage, expand

# What the base image `python:3.11-slim-bookworm` brings, from Debian 12's packages.
# Both are Python 3.11; the image's has been built by itself, to /usr/local.
SUITE = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How pip finds its index on this machine, as a build's arguments would tell.
PIPS_OWN = ("PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY", "https_proxy", "NO_PROXY")
TOLD_ONLY = {"ARG", "LABEL", "EXPOSE", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD"}


class Root:
    """One stage's file system, and who works in it and how."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {"PATH": PATH}
        self.user = "0:0"
        self.directory = "/"

    @classmethod
    def copied(cls, base: Path, path: Path) -> "Root":
        """Begin anew with what the base image has."""
        subprocess.run(["cp", "-a", "--reflink=auto", base, path], check=True)
        return cls(path)

    def run(self, command: list[str]) -> None:
        """Run it in there as whoever works there; devices are there, no more."""
        given = {name: os.environ[name] for name in PIPS_OWN if name in os.environ}
        variables = {**given, **self.environment}
        words = [f"{name}={value}" for name, value in variables.items()]
        subprocess.run(
            [
                *("unshare", "--mount", "sh", "-euc", _DEVICES, "sh", str(self.path)),
                *("chroot", f"--userspec={self.user}", str(self.path)),
                *("env", "-i", f"--chdir={self.directory}", *words, *command),
            ],
            check=True,
        )

    def build(self, stage: Stage, others: dict[str, "Root"]) -> None:
        """Do what the stage says, step by step."""
        arguments: dict[str, str] = {}
        for step in stage.instructions:
            _tell(f"{stage.name}: {step.word} {step.text[:100]}")
            if step.word == "ARG":
                arguments |= step.pairs
            if step.word not in TOLD_ONLY:
                self._do(step, others)

    def settle(self, stage: Stage) -> None:
        """Take the root as it was built, and know who works in it and how."""
        for step in stage.instructions:
            if step.word in {"ENV", "WORKDIR", "USER"}:
                self._do(step, {})

    def _do(self, step: Instruction, others: dict[str, "Root"]) -> None:
        match step.word:
            case "ENV":
                for name, value in step.pairs.items():
                    self.environment[name] = expand(value, self.environment)
            case "WORKDIR":
                self.directory = step.text
                (self.path / step.text[1:]).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = step.text
            case "RUN":
                shell = ["/bin/sh", "-c", step.text]
                self.run(step.arguments if step.is_exec else shell)
            case "COPY":
                self._copy(step, others)
            case _:
                raise ValueError(f"line {step.line}: {step.word} is not known here")

    def _copy(self, step: Instruction, others: dict[str, "Root"]) -> None:
        *sources, target = step.arguments
        assert set(step.flags) <= {"from"}, f"line {step.line}: {step.flags}"
        stage = step.flags.get("from")
        for source in sources:
            origin = others[stage].path / source[1:] if stage else ROOT / source
            into = self.path / str(Path(self.directory, target))[1:]
            if origin.is_dir():
                # The content of a folder, not the folder: as COPY does it.
                shutil.copytree(
                    *(origin, into),
                    symlinks=True,
                    dirs_exist_ok=True,
                    # What .dockerignore leaves out; another stage keeps all it has.
                    ignore=None if stage else shutil.ignore_patterns("__pycache__"),
                )
            else:
                shutil.copy2(origin, into / origin.name if into.is_dir() else into)


_DEVICES = """
root=$1; shift
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec "$@"
"""


def bootstrap(path: Path) -> None:
    """Make the base; one that is there already is left as it is."""
    if path.exists():
        return
    half = path.with_suffix(".half")
    shutil.rmtree(half, ignore_errors=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, half],
        check=True,
    )
    half.rename(path)


def let_out(root: Root) -> None:
    """Let pip out, as a build has a network: names, and certificates of this place."""
    shutil.copy2("/etc/resolv.conf", root.path / "etc" / "resolv.conf")
    shutil.copy2("/etc/hosts", root.path / "etc" / "hosts")
    if bundle := os.environ.get("PIP_CERT"):
        shutil.copy2(bundle, root.path / bundle[1:])


def _tell(text: str) -> None:
    sys.stdout.write(f"--- {text}\n")
    sys.stdout.flush()
