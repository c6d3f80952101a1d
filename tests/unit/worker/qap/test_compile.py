import importlib.util

import numpy as np

from worker.qap.compile import kernel, summing_kernel


def double(x: int) -> int:
    return 2 * x


def test_a_kernel_computes_what_its_function_does() -> None:
    assert kernel(double)(21) == 42


def test_without_numba_a_kernel_is_its_function(monkeypatch) -> None:
    monkeypatch.setattr("worker.qap.compile.find_spec", lambda name: None)
    assert kernel(double) is double


def test_where_nothing_can_be_cached_kernels_still_compile(monkeypatch) -> None:
    import numba

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: ("compiled", function)

    monkeypatch.setattr(numba, "njit", njit)
    assert kernel(double) == ("compiled", double)
    assert importlib.util.find_spec("numba") is not None


def test_a_summing_kernel_adds_all_terms() -> None:
    def total(terms) -> float:
        z = terms[0] * 0
        for term in terms:
            z += term
        return z

    assert summing_kernel(total)(np.arange(1000, dtype=np.float32)) == 499_500
