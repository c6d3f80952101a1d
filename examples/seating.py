"""Who sits where at a wedding: friends together, and quarrels far apart.

    python examples/seating.py [http://127.0.0.1:8000]

Costs may be negative: to sit beside a friend is worth something.
"""

# %% What is needed: a service (`make up`), and this client
import os
import sys

import numpy as np

from api.client import Client

URL = os.environ.get("SOLVEQUEUE_URL", "http://127.0.0.1:8000")
URL = next((word for word in sys.argv if word.startswith("http")), URL)
SECONDS = float(os.environ.get("EXAMPLE_SECONDS", "5"))

# %% The guests
COUPLES = ["Ada Ben", "Cleo Dan", "Eve Finn", "Gia Hugo", "Iris Jan"]
FRIENDS = [
    *("Ada Cleo", "Ada Kim", "Ben Liv", "Cleo Mo", "Dan Nia", "Eve Otto", "Finn Pia"),
    *("Gia Kim", "Hugo Otto", "Iris Liv", "Jan Mo", "Kim Liv", "Mo Nia", "Otto Pia"),
    *("Ada Gia", "Finn Jan", "Cleo Nia", "Hugo Pia"),
]
QUARRELS = [
    "Ada Otto",
    "Ben Dan",
    "Eve Gia",
    "Kim Pia",
    "Liv Mo",
    "Iris Hugo",
    "Jan Nia",
]
GUESTS = sorted({name for pair in COUPLES + FRIENDS for name in pair.split()})
WORTH = {-8: COUPLES, -3: FRIENDS, 6: QUARRELS}

# %% Four tables of four: beside counts twice, across once, another table not at all
SEATS = [(table, seat) for table in range(4) for seat in range(4)]
near = [
    [
        (0 if i == j else 1 if abs(a[1] - b[1]) == 2 else 2) if a[0] == b[0] else 0
        for j, b in enumerate(SEATS)
    ]
    for i, a in enumerate(SEATS)
]
feeling = np.zeros((16, 16), dtype=int)
for worth, pairs in WORTH.items():
    for pair in pairs:
        one, other = map(GUESTS.index, pair.split())
        feeling[one, other] = feeling[other, one] = worth

# %% The answer
with Client(URL, api_key=os.environ.get("SOLVEQUEUE_API_KEY")) as client:
    solution = client.solve(feeling, near, seconds=SECONDS)
seat_of = dict(zip(GUESTS, map(int, solution.permutation), strict=True))
guest_at = {seat: guest for guest, seat in seat_of.items()}


def closeness(pair: str) -> int:
    """Return 2 for neighbours, 1 for those across, 0 for others."""
    one, other = (seat_of[name] for name in pair.split())
    return near[one][other]


for table in range(4):
    a, b, c, d = (f"{guest_at[4 * table + seat]:^6}" for seat in range(4))
    print(f"table {table + 1}:  {a}\n        {d}  {b}\n          {c}")
for title, pairs in (
    ("couples", COUPLES),
    ("friends", FRIENDS),
    ("quarrels", QUARRELS),
):
    beside, same = (sum(closeness(p) >= least for p in pairs) for least in (2, 1))
    print(f"{title:8} {beside} of {len(pairs)} side by side, {same} at one table")
print(f"cost {solution.objective}; {solution.termination}")
