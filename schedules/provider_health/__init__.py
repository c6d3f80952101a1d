"""Checks of providers: each at its moment, by one process at a time."""
