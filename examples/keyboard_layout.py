"""Which letter goes on which key, so that fingers travel less.

    python examples/keyboard_layout.py [http://127.0.0.1:8000]

Letters and pairs of letters are counted in this project's documentation: a keyboard
for those who write it. Put your own text in.
"""

# %% What is needed: a service (`make up`), and this client
import math
import os
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from api.client import Client

URL = os.environ.get("SOLVEQUEUE_URL", "http://127.0.0.1:8000")
URL = next((word for word in sys.argv if word.startswith("http")), URL)
SECONDS = float(os.environ.get("EXAMPLE_SECONDS", "5"))
DOCS = Path(__file__).parents[1] / "docs"

# %% Thirty keys: where they are, and whose they are
SIGNS = "abcdefghijklmnopqrstuvwxyz,.;'"
LAYOUTS = {
    "QWERTY": "qwertyuiopasdfghjkl;zxcvbnm,.'",
    "Dvorak": "',.pyfgcrlaoeuidhtns;qjkxbmwvz",
    "Colemak": "qwfpgjluy;arstdhneiozxcvbkm,.'",
}
KEYS = [(column, row) for row in range(3) for column in range(10)]
STAGGER = (0.0, 0.25, 0.75)  # how far each row is shifted to the right
FINGERS = (0, 1, 2, 3, 3, 4, 4, 5, 6, 7)  # of each column
HOME = (0, 1, 2, 3, 6, 7, 8, 9)  # the column where each finger rests


def travel(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Return how far apart two keys are, in widths of a key."""
    return math.hypot(a[0] + STAGGER[a[1]] - b[0] - STAGGER[b[1]], a[1] - b[1])


# %% The question: a finger goes from home to the key, or from its last key to the next
text = "".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md")))
typed = [sign for sign in text.lower() if sign in SIGNS]
pairs = Counter(pairwise(typed))
singles = Counter(typed)
finger = [FINGERS[column] for column, _ in KEYS]
flow = [[pairs[a, b] if a != b else 0 for b in SIGNS] for a in SIGNS]
distance = [
    [travel(a, b) if finger[i] == finger[j] else 0.0 for j, b in enumerate(KEYS)]
    for i, a in enumerate(KEYS)
]
reach = [travel(key, (HOME[finger[i]], 1)) for i, key in enumerate(KEYS)]
linear = np.multiply.outer([singles[sign] for sign in SIGNS], reach)


def travelled(keys: np.ndarray) -> float:
    """Return the widths of a key that fingers travel for a hundred signs."""
    between = (np.array(flow) * np.array(distance)[np.ix_(keys, keys)]).sum()
    return float(between + linear[np.arange(30), keys].sum()) / len(typed) * 100


# %% The answer
with Client(URL, api_key=os.environ.get("SOLVEQUEUE_API_KEY")) as client:
    solution = client.solve(flow, distance, linear=linear, seconds=SECONDS)
sign_on = {
    int(key): sign for sign, key in zip(SIGNS, solution.permutation, strict=True)
}
found = "".join(sign_on[key] for key in range(30))

print(f"{len(typed)} signs of the documentation; travel for a hundred of them:")
for name, layout in [*LAYOUTS.items(), ("found", found)]:
    keys = np.array([layout.index(sign) for sign in SIGNS])
    far = travelled(keys)
    print(f"  {name:8} {far:6.1f} {'#' * round(far / 3)}")
for row in range(3):
    print("   " + " " * row + " ".join(found[10 * row : 10 * row + 10]))
