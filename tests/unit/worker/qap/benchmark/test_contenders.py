"""Each contender certifies what it found, inside its step."""

import itertools

import numpy as np
import pytest

from tests.unit.worker.qap.kinds import optimum, random_instance
from worker.qap import Instance
from worker.qap.benchmark import contenders
from worker.qap.benchmark.compiled_c import NoCompilerError, compiled
from worker.qap.benchmark.contenders import (
    layout_in_c,
    ours,
    textbook,
    textbook_in_c,
)
from worker.qap.benchmark.textbook import run_textbook
from worker.qap.qaplib import load


@pytest.fixture(scope="module")
def library():
    try:
        with compiled("textbook.c", "layout.c") as found:
            yield found
    except NoCompilerError as error:
        pytest.skip(str(error))


def clock():
    ticks = itertools.count()
    return lambda: float(next(ticks))


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric"])
def test_ours_and_the_textbook_keep_their_objectives(kind: str) -> None:
    for make in (ours, textbook):
        assert make(random_instance(kind, 9, seed=5))(300, clock()) == 1.0


@pytest.mark.parametrize("name", ["nug12", "nug15", "tai17a"])
def test_the_references_in_c_keep_their_objectives(library, name: str) -> None:
    for make in (textbook_in_c, layout_in_c):
        step = make(library, load(name))
        assert step is not None
        assert step(2000, clock()) == 1.0


def test_the_references_in_c_refuse_what_they_do_not_know(library) -> None:
    assert textbook_in_c(library, load("bur26a")) is None
    assert layout_in_c(library, load("bur26a")) is None
    # Facilities without flow are interchangeable.
    assert layout_in_c(library, load("esc16a")) is None


def test_a_wrong_objective_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    step = textbook(load("nug12"))
    monkeypatch.setattr(contenders, "certify", lambda *_: 1)
    with pytest.raises(RuntimeError, match="is true"):
        step(10, clock())


@pytest.mark.parametrize("kind", ["symmetric", "asymmetric", "diagonal"])
def test_the_textbook_finds_the_optimum(kind: str) -> None:
    instance: Instance = random_instance(kind, 6, seed=3)
    p, best = np.arange(6), np.arange(6)
    value = int((instance.flow * instance.distance).sum())
    draws = np.random.default_rng(1).random((2000, 2))
    least = run_textbook(
        instance.flow,
        instance.distance,
        p,
        best,
        value,
        draws,
        12,
        100,
        instance.is_symmetric,
    )
    assert least == optimum(instance)
