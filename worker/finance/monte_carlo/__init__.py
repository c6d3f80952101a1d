"""Values of a cash flow whose numbers are drawn, path by path.

A path is one draw of everything uncertain. Paths come in chunks of a fixed size, each
with random numbers of its own (`SeedSequence.spawn`), so that a result depends on the
seed and the number of paths only.
"""
