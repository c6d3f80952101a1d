"""The methods: one file each, and one line here."""

from worker.qap.methods import (
    grasp_path_relinking,
    linear_assignment,
    simulated_annealing,
    tabu_search,
    two_swap,
    variable_neighborhood,
)
from worker.qap.methods.method import Method

METHODS: dict[str, Method] = {
    "tabu_search": tabu_search.METHOD,
    "simulated_annealing": simulated_annealing.METHOD,
    "two_swap": two_swap.METHOD,
    "variable_neighborhood": variable_neighborhood.METHOD,
    "grasp_path_relinking": grasp_path_relinking.METHOD,
    "linear_assignment": linear_assignment.METHOD,
}
