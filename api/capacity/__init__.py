"""What a fleet can carry: queueing formulas with measured costs, and nothing else."""
