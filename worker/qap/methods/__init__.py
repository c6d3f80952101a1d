"""The methods: one file each, and one line here."""

from worker.qap.methods import fft_laplace, linear_assignment, tabu_search
from worker.qap.methods.method import Method

METHODS: dict[str, Method] = {
    "fft_laplace": fft_laplace.METHOD,
    "tabu_search": tabu_search.METHOD,
    "linear_assignment": linear_assignment.METHOD,
}
