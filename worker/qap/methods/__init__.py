"""The methods: one file each, and one line here."""

from worker.qap.methods import (
    ant_colony,
    auto,
    breakout,
    exact,
    faq,
    fft_laplace,
    genetic_algorithm,
    grasp_path_relinking,
    iterated_tabu,
    linear_assignment,
    memetic,
    particle_swarm,
    reverse_time,
    simulated_annealing,
    tabu_search,
    two_swap,
    variable_neighborhood,
)
from worker.qap.methods.method import Method

METHODS: dict[str, Method] = {
    "auto": auto.METHOD,
    "memetic": memetic.METHOD,
    "breakout": breakout.METHOD,
    "iterated_tabu": iterated_tabu.METHOD,
    "tabu_search": tabu_search.METHOD,
    "simulated_annealing": simulated_annealing.METHOD,
    "variable_neighborhood": variable_neighborhood.METHOD,
    "grasp_path_relinking": grasp_path_relinking.METHOD,
    "two_swap": two_swap.METHOD,
    "genetic_algorithm": genetic_algorithm.METHOD,
    "ant_colony": ant_colony.METHOD,
    "particle_swarm": particle_swarm.METHOD,
    "fft_laplace": fft_laplace.METHOD,
    "reverse_time": reverse_time.METHOD,
    "faq": faq.METHOD,
    "exact": exact.METHOD,
    "linear_assignment": linear_assignment.METHOD,
}
