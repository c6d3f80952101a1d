import numpy as np
import pytest

from worker.qap import UnknownInstanceError, objective
from worker.qap.qaplib import (
    best_known,
    load,
    names,
    read_solution,
    solution_text,
)


@pytest.mark.parametrize("name", names())
def test_every_published_solution_has_its_objective(name: str) -> None:
    text = solution_text(name)
    if text is None:
        pytest.skip("no solution was published")
    instance, best = load(name), best_known(name)
    found = objective(instance, read_solution(text, instance))
    assert found == int(text.split()[1].rstrip(","))
    assert found >= best.value


def test_all_but_one_published_solution_is_the_best_known() -> None:
    worse = []
    for name in names():
        text = solution_text(name)
        if text is not None and int(text.split()[1]) != best_known(name).value:
            worse.append(name)
    assert worse == ["tai100a"]


def test_a_proven_optimum_is_never_below_the_lower_bound() -> None:
    for name in names():
        best = best_known(name)
        assert best.lower_bound is None or best.lower_bound <= best.value


def test_names_are_found_in_any_case() -> None:
    assert load("NUG12 ") is load("nug12")
    assert best_known("Tai100A").value == best_known("tai100a").value


def test_an_unknown_name_is_refused_with_its_neighbour() -> None:
    with pytest.raises(UnknownInstanceError) as caught:
        load("nug31")
    assert "Did you mean 'nug3" in caught.value.suggestion


def test_a_name_is_never_a_path() -> None:
    with pytest.raises(UnknownInstanceError):
        load("../data/nug12")


def test_instances_carry_their_name_and_are_integers() -> None:
    instance = load("tai12a")
    assert (instance.name, instance.flow.dtype) == ("tai12a", np.int64)
