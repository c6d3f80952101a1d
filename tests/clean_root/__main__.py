"""`make deploy-root`: build the image's steps in a clean root, run the service there.

Needs root, debootstrap and a network; takes some minutes. Prints what it did and found.
"""

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.clean_root.dockerfile import DOCKERFILE, ROOT, Stage, parse
from tests.clean_root.roots import Root, bootstrap, let_out


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, help="keep the roots there")
    asked.add_argument("--built", action="store_true", help="take them as they are")
    given = asked.parse_args()
    with _folder(given.folder) as folder:
        stages = parse(DOCKERFILE.read_text(encoding="utf-8"))
        for stage in _built(folder, stages, anew=not given.built):
            sys.stdout.write(f"{stage}: built\n")
        # With a network of its own: ports are as in containers, and nobody else's.
        inside = [
            "unshare",
            "--net",
            "sh",
            "-euc",
            'ip link set lo up; exec "$@"',
            "sh",
        ]
        asked_for = [sys.executable, "-m", "tests.clean_root.service", str(folder)]
        subprocess.run([*inside, *asked_for], cwd=ROOT, check=True)
    sys.stdout.write("All of it works in a clean root.\n")


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    made = Path(tempfile.mkdtemp(prefix="solvequeue-root-"))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def _built(folder: Path, stages: list[Stage], *, anew: bool) -> Iterator[str]:
    if not anew:
        return
    bootstrap(folder / "base")
    shutil.rmtree(folder / "kernels", ignore_errors=True)
    done: dict[str, Root] = {}
    for stage in stages:
        path = folder / stage.name
        shutil.rmtree(path, ignore_errors=True)
        root = done[stage.name] = Root.copied(folder / "base", path)
        let_out(root)
        root.build(stage, done)
        yield stage.name


if __name__ == "__main__":
    main()
