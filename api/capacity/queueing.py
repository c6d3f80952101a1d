r"""How long customers wait where several servers take them first come, first served.

Times are in seconds, rates in one a second. ``servers`` is c, ``arrival_rate`` λ,
``mean_service`` E[S]; the offered load a = λ E[S] is in servers (erlangs), the
utilisation u = a / c. Where u ≥ 1 the queue grows without end, and waits are infinite.

References
----------
.. [1] A. K. Erlang (1917), "Solution of some problems in the theory of probabilities
   of significance in automatic telephone exchanges". Elektroteknikeren 13.
.. [2] A. O. Allen (1990), "Probability, Statistics, and Queueing Theory", 2nd ed.,
   section 5.3: the approximation of Allen and Cunneen.
.. [3] W. Whitt (1993), "Approximations for the GI/G/m queue". Production and
   Operations Management 2(2). doi:10.1111/j.1937-5956.1993.tb00094.x
.. [4] J. D. C. Little (1961), "A proof for the queuing formula: L = λW". Operations
   Research 9(3). doi:10.1287/opre.9.3.383
"""

import math

MOST_SERVERS = 1_000_000


def erlang_b(servers: int, offered: float) -> float:
    """Return the share of customers lost where none may wait [1].

    By the recursion B(k) = a B(k-1) / (k + a B(k-1)), which neither over- nor
    underflows; O(servers).

    >>> round(erlang_b(2, 1.0), 6)
    0.2
    """
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Return the probability that a customer has to wait in M/M/c [1].

    C = B / (1 - u (1 - B)); with one server it is u.

    >>> round(erlang_c(1, 0.6), 6)
    0.6
    """
    if offered >= servers:
        return 1.0
    blocked = erlang_b(servers, offered)
    return blocked / (1 - offered / servers * (1 - blocked))


def mean_wait(
    servers: int,
    arrival_rate: float,
    mean_service: float,
    *,
    service_cv: float = 1.0,
    arrival_cv: float = 1.0,
) -> float:
    """Return the mean wait in G/G/c, in seconds, after Allen and Cunneen [2].

    E[W] = C(c, a) E[S] / (c (1 - u)) · (ca² + cs²) / 2. Exact for M/M/c, and for
    M/G/1 (where it is Pollaczek and Khinchine's); else an approximation, best in heavy
    traffic [3].

    >>> mean_wait(1, 0.5, 1.0)
    1.0
    """
    offered = arrival_rate * mean_service
    if offered >= servers:
        return math.inf
    in_mmc = erlang_c(servers, offered) * mean_service / (servers - offered)
    return in_mmc * (arrival_cv**2 + service_cv**2) / 2


def wait_quantile(
    share: float,
    servers: int,
    arrival_rate: float,
    mean_service: float,
    *,
    service_cv: float = 1.0,
    arrival_cv: float = 1.0,
) -> float:
    """Return the wait that this share of customers does not exceed, in seconds.

    P(W > t) ≈ C exp(-C t / E[W]): the chance to wait is taken from M/M/c, and the wait
    of those who do as exponential. Exact for M/M/c; nearly so in heavy traffic [3].

    >>> wait_quantile(0.5, 1, 0.4, 1.0)
    0.0
    """
    mean = mean_wait(
        servers,
        arrival_rate,
        mean_service,
        service_cv=service_cv,
        arrival_cv=arrival_cv,
    )
    if math.isinf(mean):
        return math.inf
    waiting = erlang_c(servers, arrival_rate * mean_service)
    if waiting <= 1 - share:
        return 0.0
    return mean / waiting * math.log(waiting / (1 - share))


def servers_for(
    arrival_rate: float,
    mean_service: float,
    *,
    share: float,
    longest_wait: float,
    service_cv: float = 1.0,
    arrival_cv: float = 1.0,
) -> int:
    """Return the fewest servers with which this share waits no longer than that."""

    def suffice(servers: int) -> bool:
        wait = wait_quantile(
            share,
            servers,
            arrival_rate,
            mean_service,
            service_cv=service_cv,
            arrival_cv=arrival_cv,
        )
        return wait <= longest_wait

    fewest = max(1, math.floor(arrival_rate * mean_service) + 1)
    if fewest > MOST_SERVERS:
        raise ValueError(f"more than {MOST_SERVERS} servers would be needed")
    # The wait falls with every server: double until it is short, then halve.
    most = fewest
    while not suffice(most):
        most *= 2
    while fewest < most:
        middle = (fewest + most) // 2
        fewest, most = (fewest, middle) if suffice(middle) else (middle + 1, most)
    return fewest


def in_system(arrival_rate: float, seconds: float) -> float:
    """Return how many customers are there on average: L = λW [4]."""
    return arrival_rate * seconds


def utilisation(arrival_rate: float, demand: float, servers: int = 1) -> float:
    """Return the share of time a station is busy: U = λD / c, D by customer."""
    return arrival_rate * demand / servers
