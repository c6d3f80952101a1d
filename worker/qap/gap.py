"""The two gaps. They are never mixed: one is a proof, the other a comparison."""

import math

_FLOAT_TOLERANCE = 1e-9


def gap_to_bound(objective: int | float, bound: int | float) -> float:
    """Return how far the objective is from what is proven, relative to itself.

    Parameters
    ----------
    objective
        Of the incumbent.
    bound
        A proven lower bound.

    Returns
    -------
    float
        ``(objective - bound) / |objective|``, a share: 0.01 is one per cent. 0 when
        both are equal, infinite when only the objective is 0.

    Examples
    --------
    >>> gap_to_bound(200, 150), gap_to_bound(0, 0), gap_to_bound(0, -3)
    (0.25, 0.0, inf)
    """
    return _share(objective - bound, objective)


def gap_to_best_known(objective: int | float, best_known: int | float) -> float:
    """Return how far the objective is above the best that anyone has published.

    Parameters
    ----------
    objective
        Of the incumbent.
    best_known
        The least objective known.

    Returns
    -------
    float
        ``(objective - best_known) / |best_known|``: negative for a new record, 0
        when both are equal, infinite when only the best known is 0.

    Examples
    --------
    >>> gap_to_best_known(150, 100), gap_to_best_known(0, 0), gap_to_best_known(2, 0)
    (0.5, 0.0, inf)
    """
    return _share(objective - best_known, best_known)


def meets_bound(
    objective: int | float, bound: int | float | None, *, is_exact: bool
) -> bool:
    """Tell whether the bound proves that nothing is better than the objective.

    Parameters
    ----------
    objective
        Of the incumbent.
    bound
        A proven lower bound, or None.
    is_exact
        Whether every objective of the instance is an integer; then no objective
        lies between the bound and the next integer above it.

    Returns
    -------
    bool
        For floats, up to ``1e-9`` of the objective.

    Examples
    --------
    >>> meets_bound(8, 7.2, is_exact=True), meets_bound(8, 7.2, is_exact=False)
    (True, False)
    """
    if bound is None:
        return False
    if not is_exact:
        return objective - bound <= _FLOAT_TOLERANCE * abs(objective)
    if isinstance(bound, int):
        return objective <= bound
    # A float bound may have been rounded up on its way; give that back first.
    return objective <= math.ceil(bound - _FLOAT_TOLERANCE * max(1.0, abs(bound)))


def _share(difference: int | float, whole: int | float) -> float:
    if difference == 0:
        return 0.0
    if whole == 0:
        return math.copysign(math.inf, difference)
    return difference / abs(whole)
