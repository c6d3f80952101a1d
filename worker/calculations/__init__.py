"""One adapter a calculation: `calculate(parameters, watch) -> outcome`."""
