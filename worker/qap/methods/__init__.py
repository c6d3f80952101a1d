"""The methods: one file each, and one line here."""

from worker.qap.methods import (
    fft_laplace,
    linear_assignment,
    reverse_time,
    tabu_search,
)
from worker.qap.methods.method import Method

METHODS: dict[str, Method] = {
    "fft_laplace": fft_laplace.METHOD,
    "reverse_time": reverse_time.METHOD,
    "tabu_search": tabu_search.METHOD,
    "linear_assignment": linear_assignment.METHOD,
}
