"""A backboard of 1961, wired while you watch.

    python examples/wiring.py [http://127.0.0.1:8000]

L. Steinberg, "The backboard wiring problem: a placement algorithm," SIAM Review 3
(1961) 37-50: modules with 2,625 connections, to be placed on a board of 4 by 9 so that
wires are short. QAPLIB has it as ste36a; the shortest wiring that there is took 40
years to find and to prove.
"""

# %% What is needed: a service (`make up`), and this client
import os
import sys

from api.client import Client

URL = os.environ.get("SOLVEQUEUE_URL", "http://127.0.0.1:8000")
URL = next((word for word in sys.argv if word.startswith("http")), URL)
SECONDS = float(os.environ.get("EXAMPLE_SECONDS", "5"))
COLUMNS = 9

# %% Sent, and followed: every better placement is an event
with Client(URL, api_key=os.environ.get("SOLVEQUEUE_API_KEY")) as client:
    job = client.submit_solve(
        "ste36a",
        method="simulated_annealing",  # others are there before one has looked
        limits={"time_s": SECONDS},
        seed=1,
        cache=False,
    )
    print(f"{job.id}: wire, and how much more than the least there is")
    for event in client.events(job.id):
        if event.type == "job.incumbent":
            wire, gap = event.data["objective"], event.data["gap_to_best_known"]
            bar = "#" * min(40, round(200 * gap))
            print(f"{event.data['elapsed_s']:7.3f} s {wire:7} {gap:8.2%} {bar}")
    result = client.wait(job.id).result

# %% The board. Here the instance's first matrix is that of the places.
assert result is not None
for row in range(4):
    places = result.permutation[COLUMNS * row : COLUMNS * (row + 1)]
    print(" ".join(f"[{module + 1:2}]" for module in places))
best = result.best_known
print(f"wire {result.objective}; the shortest known is {best}; {result.termination}")
