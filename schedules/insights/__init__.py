"""Findings about what happened: pure statistics over a history, each with evidence."""
