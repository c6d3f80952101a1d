"""The methods: one file each, and one line here."""

from worker.qap.methods import (
    ant_colony,
    genetic_algorithm,
    linear_assignment,
    particle_swarm,
    tabu_search,
)
from worker.qap.methods.method import Method

METHODS: dict[str, Method] = {
    "tabu_search": tabu_search.METHOD,
    "linear_assignment": linear_assignment.METHOD,
    "genetic_algorithm": genetic_algorithm.METHOD,
    "ant_colony": ant_colony.METHOD,
    "particle_swarm": particle_swarm.METHOD,
}
