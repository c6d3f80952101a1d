"""scipy's own tests of `quadratic_assignment`, asked of ours where they are installed.

Those that fail, and the one that is not asked, are named here with the reason.
"""

import inspect
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from worker.qap.scipy_compat import quadratic_assignment

TESTS = "scipy.optimize.tests.test_quadratic_assignment"
# What ours answers in place of what scipy's tests have recorded: it is better.
BETTER = {
    ("TestFAQ", "test_accuracy_1"): "40, not 37, where the most is wanted",
    ("TestFAQ", "test_accuracy_2"): "176, not 178, where the least is wanted",
}
# scipy warns of what integers will mean as `rng`; ours goes on drawing the same. It
# would leave numpy's global state seeded, of which scipy warns everybody.
NOT_ASKED = "test_deprecation_future_warnings"


class _AnyWording:
    """pytest, for which an error of the right class is right whatever it says."""

    def __getattr__(self, name: str) -> Any:
        return getattr(pytest, name)

    def raises(self, kind: Any, *, match: str | None = None) -> Any:
        return pytest.raises(kind)


@pytest.fixture
def scipys(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return scipy's tests, which now ask ours."""
    module: ModuleType = pytest.importorskip(TESTS)
    monkeypatch.setattr(module, "quadratic_assignment", quadratic_assignment)
    monkeypatch.setattr(module, "pytest", _AnyWording())
    return module


def cases(module: ModuleType) -> Iterator[tuple[str, str, Callable[[], object]]]:
    for owner, found in inspect.getmembers(module, inspect.isclass):
        if owner.startswith("Test"):
            for name, function in inspect.getmembers(found, inspect.isfunction):
                if name.startswith("test") and name != NOT_ASKED:
                    case = found()
                    if hasattr(case, "setup_method"):
                        case.setup_method()
                    yield owner, name, function.__get__(case)


def test_they_pass_but_for_better_answers(scipys: ModuleType) -> None:
    failed, passed = set(), set()
    for owner, name, case in cases(scipys):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                case()
        except (AssertionError, pytest.fail.Exception):
            failed.add((owner, name))
        else:
            passed.add((owner, name))
    assert failed == set(BETTER)
    assert len(passed) > len(failed)
