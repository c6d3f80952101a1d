"""How good an objective is, as clients of the QAP server read it."""


def quality_of(objective: float, best_known: float | None) -> float | None:
    """Return best known over objective, from 0 to 1; None where none is known.

    1 is as good as the best known, or better. A best known of 0 is reached or it is
    not; below 0 the larger magnitude is the better one, so the ratio turns over.
    """
    if best_known is None:
        return None
    if objective <= best_known:
        return 1.0
    if objective < 0:
        return objective / best_known
    return max(0.0, best_known / objective)
