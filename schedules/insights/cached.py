"""Whether results are forgotten that are asked for again."""

from scipy import stats

from schedules.insights.claim import Claim, Kind
from schedules.insights.history import History
from schedules.insights.inference import share_interval

LEAST_WORKS = 100
USUAL = 0.02
"""A share of work done twice that is not worth telling."""


def claims(history: History) -> list[Claim]:
    """Ask whether more than 2 % of the work had been done before."""
    n = len(history.works)
    if n < LEAST_WORKS:
        return []
    again = [each for each in history.works if each.is_redone]
    seconds = sum(each.elapsed_s for each in again)
    low, high = share_interval(len(again), n)
    share = len(again) / n
    return [
        Claim(
            kind="cache_advice",
            subject="redone",
            p=float(stats.binom.sf(len(again) - 1, n, USUAL)),
            nothing=100 * USUAL,
            n=n,
            effect=100 * share,
            low=100 * low,
            high=100 * high,
            unit="percent of solves done again",
            test=f"binomial against {100 * USUAL:g} %, one-sided",
            title="The cache forgets results that are asked for again",
            description=(
                f"{len(again)} of {n} solves that might have been answered by the "
                "cache repeated work that an earlier one had done."
            ),
            impact=f"{seconds:.0f} s of solving that a larger cache would have saved",
            action="enlarge_cache",
            facts={"redone": len(again), "seconds": round(seconds, 3)},
        )
    ]


KIND = Kind(
    name="cache_advice",
    hypothesis="More than 2 % of the cacheable work is done again.",
    test="binomial, one-sided; Clopper-Pearson interval",
    claims=claims,
    horizon_s=7 * 86400.0,
)
