"""Words that cross a process boundary."""
