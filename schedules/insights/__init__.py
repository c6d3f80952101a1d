"""What the history says, and how sure one may be: statistics and nothing else."""
