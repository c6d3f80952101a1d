"""Calling addresses that others named: never in private networks, and not for long."""
