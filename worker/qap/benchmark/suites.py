"""The suites by name: what this core is meant to reach, line by line."""

import re
from typing import Final

from worker.qap.benchmark.claim import Suite
from worker.qap.benchmark.contract_suite import ContractSuite
from worker.qap.benchmark.exact_suite import ExactSuite, ProofClaim
from worker.qap.benchmark.gap_suite import GapClaim, GapSuite
from worker.qap.benchmark.memory_suite import MemorySuite
from worker.qap.benchmark.peer_suite import PeerSuite
from worker.qap.benchmark.plan import matching
from worker.qap.benchmark.taboo_suite import TabooSuite
from worker.qap.qaplib import names

_CONTRACT = (
    "fft_laplace",
    "reverse_time",
    "genetic_algorithm",
    "simulated_annealing",
    "tabu_search",
    "variable_neighborhood",
    "ant_colony",
    "particle_swarm",
)


def order_by_name(name: str) -> int:
    """Return the order of an instance, as its name tells it.

    Parameters
    ----------
    name
        Of the shipped library, where every name has the order in it.

    Returns
    -------
    int
        Without reading the file.

    Examples
    --------
    >>> order_by_name("tai256c")
    256
    """
    return int(re.sub(r"\D", "", name))


def _up_to(order: int, *, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    return tuple(n for n in names() if order_by_name(n) <= order and n not in but)


def _shipped(*patterns: str) -> tuple[str, ...]:
    return tuple(matching(patterns))


def _one(name: str, limit: float) -> GapClaim:
    return GapClaim(label=name, instances=(name,), limit=limit)


_PROVEN: Final = _shipped(
    "nug15", "had14", "rou15", "esc16*", "chr1[5-9]*", "chr2*", "nug16b"
)

SUITES: Final[dict[str, Suite]] = {
    "ten_seconds": GapSuite(
        summary="Gaps after 10 s.",
        seconds=10,
        claims=(
            GapClaim(
                label="every instance with n <= 40 but tai40a",
                instances=_up_to(40, but=("tai40a",)),
                limit=0.0,
                statistic="worst",
            ),
            GapClaim(
                label="sko42, sko49, tho40, lipa*, ste36*, kra*, tai25b-tai50b, "
                "sko100a",
                instances=_shipped(
                    "sko42",
                    "sko49",
                    "tho40",
                    "lipa*",
                    "ste36*",
                    "kra*",
                    "tai25b",
                    "tai[345]0b",
                    "sko100a",
                ),
                limit=0.0,
                statistic="worst",
            ),
            GapClaim(
                label="sko64-sko100f and wil100",
                instances=_shipped("sko64", "sko72", "sko81", "sko100*", "wil100"),
                limit=0.0005,
            ),
        ),
    ),
    "sixty_seconds_structured": GapSuite(
        summary="Gaps of large structured instances after 60 s.",
        seconds=60,
        claims=(
            _one("tai150b", 0.0015),
            _one("tai256c", 0.001),
            _one("tai80b", 0.0),
            _one("tai100b", 0.0),
        ),
    ),
    "sixty_seconds": GapSuite(
        summary="Gaps of hard instances after 60 s.",
        seconds=60,
        claims=(
            _one("tai40a", 0.001),
            _one("tai50a", 0.003),
            _one("tai60a", 0.003),
            _one("tai80a", 0.006),
            _one("tai100a", 0.005),
            _one("tho150", 0.0005),
            _one("sko81", 0.0001),
            _one("sko100f", 0.0001),
            _one("wil100", 0.0001),
        ),
    ),
    "peers": PeerSuite(
        summary="Beside scipy's FAQ and 2-opt at equal time, 10 s.",
        seconds=10,
        instances=names(),
    ),
    "exact": ExactSuite(
        summary="Proofs of optimality within 60 s.",
        seconds=60,
        claims=(
            ProofClaim(
                # scr15, which is named with these, is not shipped.
                label="nug15, had14, rou15, esc16*, chr15a-chr25a",
                instances=tuple(name for name in _PROVEN if name != "nug16b"),
                seconds=60,
            ),
            ProofClaim(label="nug16b", instances=("nug16b",), seconds=30),
            ProofClaim(
                label="any other instance with n <= 32",
                instances=_up_to(32, but=_PROVEN),
                seconds=None,
            ),
        ),
    ),
    "taboo": TabooSuite(
        summary="Iterations of taboo search in a second, beside a textbook.",
        instances=("nug30", "tai50a", "tai100a", "tho150", "tai256c"),
        seconds=1.0,
        # As docs/algorithms/tabu_search.md promises.
        least_ratio={"nug30": 10.0, "tai100a": 25.0},
    ),
    "contract": ContractSuite(
        summary="The eight methods of the earlier server, beside chance.",
        instance="nug30",
        seconds=1,
        permutations=1000,
        methods=_CONTRACT,
    ),
    "memory": MemorySuite(
        summary="Start and memory of a worker's child.",
        start_s=1.0,
        peak_mb=500,
        seconds=5,
    ),
}
