"""The jobs that the clients send: one line in ``MAKERS`` a kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.random import Generator

Body = dict[str, Any]
T = TypeVar("T")

INSTANCES = (
    *("nug12", "nug20", "nug30", "tai20a", "tai30b", "tai40a", "tai60a"),
    *("had18", "els19", "kra30a", "sko42", "lipa50a", "esc32a", "ste36a"),
)
METHODS = (
    *("auto", "memetic", "breakout", "iterated_tabu", "tabu_search", "two_swap"),
    *("simulated_annealing", "variable_neighborhood", "grasp_path_relinking"),
    *("genetic_algorithm", "ant_colony", "particle_swarm", "fft_laplace"),
    *("reverse_time", "faq"),
)
SECONDS = (0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 4.0, 8.0)
CHANCES = (0.2, 0.2, 0.2, 0.15, 0.1, 0.08, 0.04, 0.03)


@dataclass(frozen=True)
class Maker:
    """One kind of job: where it is sent and what is sent, without its webhook."""

    kind: str
    path: str
    share: float
    make: Callable[[Generator], Body]


def make_solve(rng: Generator) -> Body:
    """Return one of all the forms in which a solve is sent."""
    make = _pick(rng, (_of_library, _of_library, _of_matrices, _assignment, _as_text))
    body = make(rng)
    limits: Body = {"time_s": float(rng.choice(SECONDS, p=CHANCES))}
    if rng.random() < 0.2:
        limits["iterations"] = int(rng.integers(1, 20_000))
    if rng.random() < 0.08:
        limits["deadline_s"] = round(float(rng.uniform(0.5, 10.0)), 2)
    return {"kind": "solve", "seed": int(rng.integers(2**31)), "limits": limits, **body}


def make_batch(rng: Generator) -> Body:
    """Return a handful of short solves of the library."""
    items = [_short(rng) for _ in range(int(rng.integers(2, 6)))]
    return {
        "items": items,
        "on_error": "skip",
        "max_parallel": int(rng.integers(1, 4)),
        "parallel": bool(rng.random() < 0.8),
    }


def make_benchmark(rng: Generator) -> Body:
    """Return two methods on one instance, some tenths of a second each."""
    return {
        "instances": [_pick(rng, ("nug12", "nug20", "had18"))],
        "methods": ["iterated_tabu", _pick(rng, ("two_swap", "simulated_annealing"))],
        "seeds": [int(rng.integers(1000))],
        "limits": {"time_s": 0.3},
    }


def make_islands(rng: Generator) -> Body:
    """Return one solve on several islands, or a race of methods."""
    body: Body = {
        "instance": {"name": _pick(rng, ("tai40a", "tai60a", "sko42"))},
        "limits": {"time_s": float(rng.choice((1.0, 2.0, 4.0)))},
        "seed": int(rng.integers(2**31)),
    }
    if rng.random() < 0.3:
        return body | {"method": "portfolio"}
    return body | {"islands": int(rng.integers(2, 4))}


def make_calculation(rng: Generator) -> Body:
    """Return a valuation that takes no time, of flows that nobody had before."""
    flows = [round(float(flow), 2) for flow in rng.uniform(-50, 200, 12)]
    return {"parameters": {"cash_flows": flows, "initial_investment": 500.0}}


MAKERS = (
    Maker("solve", "/v1/jobs", 0.70, make_solve),
    Maker("calculate", "/v1/calculations/npv", 0.10, make_calculation),
    Maker("islands", "/v1/jobs", 0.06, make_islands),
    Maker("batch", "/v1/batches", 0.08, make_batch),
    Maker("benchmark", "/v1/benchmarks", 0.06, make_benchmark),
)


def offered_makers(paths: Sequence[str]) -> tuple[Maker, ...]:
    """Return the makers of what a service with these paths takes."""
    return tuple(maker for maker in MAKERS if _template(maker.path) in paths)


def _template(path: str) -> str:
    """Return the path as the schema writes it."""
    head, _, name = path.rpartition("/")
    return f"{head}/{{name}}" if head == "/v1/calculations" else f"{head}/{name}"


def pick_maker(rng: Generator, makers: Sequence[Maker]) -> Maker:
    shares = [maker.share for maker in makers]
    chances = [share / sum(shares) for share in shares]
    return makers[int(rng.choice(len(makers), p=chances))]


def _of_library(rng: Generator) -> Body:
    return {"instance": {"name": _pick(rng, INSTANCES)}, "method": _pick(rng, METHODS)}


def _of_matrices(rng: Generator) -> Body:
    order = int(rng.integers(4, 25))
    instance = {"flow": _matrix(rng, order), "distance": _matrix(rng, order)}
    if rng.random() < 0.5:
        instance["linear"] = _matrix(rng, order)
    return {"instance": instance, "method": _pick(rng, METHODS[:6])}


def _assignment(rng: Generator) -> Body:
    return {"instance": {"costs": _matrix(rng, int(rng.integers(3, 40)))}}


def _as_text(rng: Generator) -> Body:
    order = int(rng.integers(4, 9))
    rows = _matrix(rng, order) + _matrix(rng, order)
    lines = [str(order), *(" ".join(map(str, row)) for row in rows)]
    return {"instance": {"qaplib": "\n".join(lines)}, "method": "exact"}


def _short(rng: Generator) -> Body:
    return {
        "instance": {"name": _pick(rng, INSTANCES)},
        "method": _pick(rng, METHODS[:6]),
        "limits": {"time_s": 0.3},
        "seed": int(rng.integers(1000)),
    }


def _matrix(rng: Generator, order: int) -> list[list[int]]:
    rows: list[list[int]] = rng.integers(0, 1000, (order, order)).tolist()
    return rows


def _pick(rng: Generator, among: Sequence[T]) -> T:
    return among[int(rng.integers(len(among)))]
