"""Which department goes into which room, so that people walk less.

    python examples/facility_layout.py [http://127.0.0.1:8000]

The hospital is made up: put in a week of your own trips.
"""

# %% What is needed: a service (`make up`), and this client
import os
import sys

import numpy as np

from api.client import Client

URL = os.environ.get("SOLVEQUEUE_URL", "http://127.0.0.1:8000")
URL = next((word for word in sys.argv if word.startswith("http")), URL)
SECONDS = float(os.environ.get("EXAMPLE_SECONDS", "5"))

# %% Trips a day between departments, and to and from the ambulances at the door
TRIPS = {
    ("Reception", "Emergency"): 90,
    ("Reception", "Outpatients"): 160,
    ("Reception", "Maternity"): 25,
    ("Emergency", "X-ray"): 75,
    ("Emergency", "Laboratory"): 60,
    ("Emergency", "Theatre"): 20,
    ("Emergency", "Ward A"): 30,
    ("Outpatients", "X-ray"): 55,
    ("Outpatients", "Laboratory"): 70,
    ("Outpatients", "Pharmacy"): 110,
    ("Theatre", "Intensive care"): 22,
    ("Theatre", "Ward A"): 35,
    ("Theatre", "Laboratory"): 30,
    ("Theatre", "Maternity"): 6,
    ("Intensive care", "Laboratory"): 45,
    ("Intensive care", "X-ray"): 12,
    ("Intensive care", "Ward B"): 15,
    ("Ward A", "Pharmacy"): 40,
    ("Ward B", "Pharmacy"): 40,
    ("Ward A", "Kitchen"): 60,
    ("Ward B", "Kitchen"): 60,
    ("Maternity", "Kitchen"): 30,
    ("Maternity", "Laboratory"): 15,
}
FROM_OUTSIDE = {"Reception": 300, "Emergency": 70, "Kitchen": 12, "Pharmacy": 6}
DEPARTMENTS = sorted({name for pair in TRIPS for name in pair})

# %% Twelve rooms: two floors, two sides of a corridor, three rooms each side
ROOMS = [(floor, side, x) for floor in range(2) for side in range(2) for x in range(3)]
DOOR = (0, 0, 0)


def metres(a: tuple[int, int, int], b: tuple[int, int, int]) -> int:
    """Return how far it is: across the corridor 5 m, a room 12 m, the stairs 30 m."""
    across, along = 5 * abs(a[1] - b[1]), 12 * abs(a[2] - b[2])
    if a[0] != b[0]:
        # The stairs are at the end where the door is.
        along = 12 * (a[2] + b[2]) + 30
    return across + along


# %% The question: flow and distance, and what each department costs in each room
index = {name: number for number, name in enumerate(DEPARTMENTS)}
flow = np.zeros((12, 12), dtype=int)
for (one, other), trips in TRIPS.items():
    flow[index[one], index[other]] = trips
distance = np.array([[metres(a, b) for b in ROOMS] for a in ROOMS])
to_door = np.array([metres(DOOR, room) for room in ROOMS])
outside = np.array([FROM_OUTSIDE.get(name, 0) for name in DEPARTMENTS])
linear = np.multiply.outer(outside, to_door)


def walked(rooms: np.ndarray) -> float:
    """Return the kilometres of a day."""
    between = (flow * distance[np.ix_(rooms, rooms)]).sum()
    return float(between + linear[np.arange(12), rooms].sum()) / 1000


# %% The answer
with Client(URL, api_key=os.environ.get("SOLVEQUEUE_API_KEY")) as client:
    solution = client.solve(flow, distance, linear=linear, seconds=SECONDS)
rooms = solution.permutation
name_in = {int(room): name for name, room in zip(DEPARTMENTS, rooms, strict=True)}

for floor, title in enumerate(("Ground floor (door on the left)", "First floor")):
    print(title)
    for side in range(2):
        row = [name_in[ROOMS.index((floor, side, x))] for x in range(3)]
        print("  " + " ".join(f"[{name:^14}]" for name in row))
print(f"by the alphabet  {walked(np.arange(12)):6.1f} km a day")
print(f"like this        {walked(rooms):6.1f} km a day", end=", ")
if solution.is_optimal:
    print("and no layout has less")
elif solution.gap is None:
    print("nothing is proven yet")
else:
    print(f"at most {solution.gap:.1%} of that could be saved")
