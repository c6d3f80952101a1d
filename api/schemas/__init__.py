"""Shapes that only HTTP knows."""
