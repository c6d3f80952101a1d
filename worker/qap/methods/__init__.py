"""The methods: one file each, and one line here."""

from worker.qap.methods import (
    breakout,
    iterated_tabu,
    linear_assignment,
    memetic,
    tabu_search,
)
from worker.qap.methods.method import Method

METHODS: dict[str, Method] = {
    "tabu_search": tabu_search.METHOD,
    "iterated_tabu": iterated_tabu.METHOD,
    "memetic": memetic.METHOD,
    "breakout": breakout.METHOD,
    "linear_assignment": linear_assignment.METHOD,
}
