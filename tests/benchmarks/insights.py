"""False findings in noise, and true ones where facts are planted.

``python -m tests.benchmarks.insights [histories]``; 200 without a number.
"""

import sys
from collections import Counter

from schedules.insights.discovery import all_claims, discover
from tests.synthetic_history import Planted, synthetic

PROMISED = 0.05
PLANTED = Planted(
    b_is_worse=0.02,
    last_half_buys=0.01,
    failing_hour_rate=0.4,
    slow_hour_times=3.0,
    slower_since_days=10,
    cycle=0.4,
    redone=0.15,
    waits=2.0,
    provider_fails=0.3,
)
"""All at once."""


def false_discoveries(histories: int, *, seed: int = 0) -> Counter[str]:
    """Count histories of noise in which anything is found, and what, by kind."""
    found: Counter[str] = Counter()
    for number in range(histories):
        findings = discover(synthetic(seed + number))
        found["any"] += bool(findings)
        found.update(each.claim.kind for each in findings)
    return found


def covered(histories: int, *, seed: int = 0) -> tuple[int, int]:
    """Count how often the planted 2 % are found, and lie in the interval told."""
    found = right = 0
    for number in range(histories):
        for finding in discover(synthetic(seed + number, PLANTED)):
            claim = finding.claim
            if claim.subject == "26 to 70|memetic|tabu_search":
                found += 1
                right += claim.low <= 100 * (1 / 1.02 - 1) <= claim.high
    return found, right


def main() -> None:
    """Print both."""
    histories = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    tested = len(all_claims(synthetic(0)))
    false = false_discoveries(histories)
    share = false["any"] / histories
    print(
        f"noise: {false['any']} of {histories} histories with a finding ({share:.1%})"
    )
    print(f"       {tested} hypotheses in each; promised: at most {PROMISED:.0%}")
    print(f"       by kind: {dict(false)}")
    found, right = covered(histories)
    print(f"planted 2 %: found in {found} of {histories}, within the interval {right}")
    sys.exit(share > PROMISED)


if __name__ == "__main__":
    main()
