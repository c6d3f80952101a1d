"""Finds the function that a job kind names: imported in the worker, at first use."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


@cache
def load_function(path: str) -> Callable[..., Any]:
    """Return the function at ``module:function``."""
    module, _, name = path.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
