"""Calling back: one HTTP attempt at a time, signed, and never into private networks."""
