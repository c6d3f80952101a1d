"""How much of the events Redis keeps; a plan of its memory asks too."""

FIREHOSE_LENGTH = 20_000
"""As in the scripts that append to it."""
KEEP_ENDED_SECONDS = 600
"""How long Redis keeps the log of an ended job; the archive has it much earlier."""
