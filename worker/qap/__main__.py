"""``python -m worker.qap benchmark``: the core on its own, without any service."""

import sys
from collections.abc import Sequence
from typing import TextIO

from worker.qap.benchmark import command

_COMMANDS = {"benchmark": command.main}


def main(arguments: Sequence[str], out: TextIO) -> int:
    """Run the command that the first argument names.

    Parameters
    ----------
    arguments
        The command, then what belongs to it.
    out
        Where to write.

    Returns
    -------
    int
        The exit code: 2 if there is no such command.
    """
    if not arguments or arguments[0] not in _COMMANDS:
        out.write(f"python -m worker.qap {{{','.join(_COMMANDS)}}} --help\n")
        return 2
    return _COMMANDS[arguments[0]](arguments[1:], out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
