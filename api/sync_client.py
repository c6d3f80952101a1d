"""Keeps the synchronous client: `python -m api.sync_client`.

It is the asynchronous one without ``async`` and ``await``, token by token. With
``--check`` only says whether the files are what would be written.
"""

import re
import subprocess
import sys
import tokenize
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "api" / "client" / "_async"
TARGET = ROOT / "api" / "client" / "_sync"

HEAD = "# Made of api/client/_async/{name} by `make client`: change that one.\n"
DROPPED = frozenset({"async", "await"})
NAMES = {
    "_async": "_sync",
    "anyio": "time",
    "asynccontextmanager": "contextmanager",
    "aclose": "close",
    "aread": "read",
    "aiter_lines": "iter_lines",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
}
ASYNC_NAME = re.compile(r"_?Async(?=[A-Z])")


def render() -> dict[Path, str]:
    """Return the files of the synchronous client."""
    with TemporaryDirectory() as folder:
        for source in SOURCE.glob("*.py"):
            text = HEAD.format(name=source.name)
            text += _without_async(source.read_text(encoding="utf-8"))
            (Path(folder) / source.name).write_text(text, encoding="utf-8")
        # Names got shorter and imports moved.
        _ruff("check", "--select", "I,UP028", "--fix", "--unsafe-fixes", folder)
        _ruff("format", folder)
        files = sorted(Path(folder).glob("*.py"))
        return {TARGET / file.name: file.read_text(encoding="utf-8") for file in files}


def main() -> int:
    """Write the files, or compare them."""
    wanted = render()
    stale = {file for file in TARGET.glob("*.py") if file not in wanted}
    stale |= {file for file, text in wanted.items() if _read(file) != text}
    if "--check" in sys.argv:
        for file in sorted(stale):
            name = file.relative_to(ROOT).as_posix()
            sys.stderr.write(f"{name} is stale: run `make client`\n")
        return int(bool(stale))
    TARGET.mkdir(exist_ok=True)
    for file in stale:
        if file in wanted:
            file.write_text(wanted[file], encoding="utf-8")
        else:
            file.unlink()
    return 0


def _without_async(text: str) -> str:
    """Drop and rename tokens where they stand; all else stays as it is."""
    lines = text.splitlines(keepends=True)
    # From the end, so that places before stay right.
    for token in reversed(list(tokenize.generate_tokens(StringIO(text).readline))):
        if token.type != tokenize.NAME:
            continue
        (row, start), (_, end) = token.start, token.end
        line = lines[row - 1]
        if token.string in DROPPED:
            lines[row - 1] = line[:start] + line[end:].removeprefix(" ")
        else:
            lines[row - 1] = line[:start] + _renamed(token.string) + line[end:]
    return "".join(lines)


def _renamed(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    return ASYNC_NAME.sub(lambda found: "_" * found[0].startswith("_"), name)


def _ruff(command: str, *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - our own words
        [
            *(sys.executable, "-m", "ruff", command, "--quiet", "--no-cache"),
            *("--config", str(ROOT / "pyproject.toml")),
            *("--config", "lint.isort.known-first-party = ['api', 'db']"),
            *arguments,
        ],
        check=True,
    )


def _read(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None


if __name__ == "__main__":
    sys.exit(main())
