"""Measuring the core: instances by methods by seeds by budgets, as a tidy table.

The one part of the core that looks at clocks, starts processes and writes text. The
rest knows nothing of it. ``python -m worker.qap benchmark --help`` tells the options.
"""
