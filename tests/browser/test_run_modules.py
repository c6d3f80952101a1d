"""What the page of a run computes by itself, asked of its modules in Chromium."""

import json
from typing import Any

import numpy as np
import pytest

from tests.browser.modules import Modules

SWAPS = "views/run/swaps.js"
RNG = np.random.default_rng(9)


def objective(matrices: dict[str, Any], p: np.ndarray) -> int:
    flow, distance = np.array(matrices["flow"]), np.array(matrices["distance"])
    linear = np.array(matrices["linear"])
    whole = (flow * distance[np.ix_(p, p)]).sum() + linear[np.arange(len(p)), p].sum()
    return int(whole)


def test_a_swap_changes_the_objective_as_the_page_says(modules: Modules) -> None:
    n = 7
    matrices = {
        name: RNG.integers(-5, 9, (n, n)).tolist()
        for name in ("flow", "distance", "linear")
    }
    p = RNG.permutation(n)
    asked = f"m.delta({json.dumps(matrices)}, {p.tolist()}, 2, 5)"

    swapped = p.copy()
    swapped[[2, 5]] = swapped[[5, 2]]
    told = modules.ask(SWAPS, asked)

    assert told == objective(matrices, swapped) - objective(matrices, p)
    whole = modules.ask(SWAPS, f"m.objectiveOf({json.dumps(matrices)}, {p.tolist()})")
    assert whole == objective(matrices, p)


def test_integers_beyond_doubles_are_counted_exactly(modules: Modules) -> None:
    matrices = {
        "flow": [[0, 2**40 - 1], [2**39 + 1, 0]],
        "distance": [[0, 2**20 - 3], [2**19 + 5, 0]],
        "linear": [[1, 2], [3, 4]],
        "exact": True,
    }
    asked = f"String(m.objectiveOf(m.prepared({json.dumps(matrices)}), [1, 0]))"

    whole = objective(matrices, np.array([1, 0]))
    assert whole > 2**53
    assert modules.ask(SWAPS, asked) == str(whole)


def test_points_of_the_plane_are_found_again(modules: Modules) -> None:
    points = RNG.random((9, 2))
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)

    found = np.array(
        modules.ask("views/run/plane.js", f"m.inThePlane({apart.tolist()}, 2)")
    )

    again = np.linalg.norm(found[:, None] - found[None], axis=2)
    ratio = again[apart > 0] / apart[apart > 0]
    assert ratio.std() < 1e-3 * ratio.mean()


def event(number: int, kind: str, **data: object) -> dict[str, object]:
    return {
        "id": f"e{number}",
        "type": kind,
        "subject": "job_1",
        "time": f"2026-11-23T00:00:{number:02}Z",
        "sequence": f"{number:012}",
        "epoch": "a",
        "data": data,
    }


STORY = [
    event(1, "job.queued", attempt=0),
    event(2, "job.started", attempt=1, worker="w"),
    event(3, "job.incumbent", objective=9, bound=3, elapsed_s=1, method="tabu"),
    event(4, "job.attempt_lost", attempt=1, reason="lease"),
    event(5, "job.started", attempt=2, worker="v"),
    event(6, "job.succeeded", attempt=2, objective=7, elapsed_s=4),
]


def test_a_log_tells_state_course_and_attempts(modules: Modules) -> None:
    told = modules.ask(
        "views/run/log.js", f"{json.dumps(STORY)}.reduce(m.withEvent, m.BLANK)"
    )

    assert told["state"] == "succeeded"
    assert told["number"] == 6
    assert [each["how"] for each in told["attempts"]] == ["lease", "succeeded"]
    assert told["course"]["objectives"] == [9, 7]
    # The second goes on where the first had got to.
    assert [each["x"] for each in told["attempts"]] == [0, 1]


def test_an_event_told_twice_counts_once(modules: Modules) -> None:
    twice = json.dumps([*STORY[:3], *STORY])
    told = modules.ask("views/run/log.js", f"{twice}.reduce(m.withEvent, m.BLANK)")

    assert len(told["attempts"]) == 2
    assert len(told["events"]) == len(STORY)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([*STORY[:2], *STORY[3:]], "Line 3 has the number 4"),
        (STORY[2:1:-1] + STORY[:1], "Line 2 has the number 1"),
        ([], "no events"),
    ],
)
def test_a_damaged_file_is_told_where(
    modules: Modules, lines: list[dict[str, object]], words: str
) -> None:
    text = json.dumps("\n".join(map(json.dumps, lines)))
    caught = (
        f"(() => {{ try {{ m.readLog({text}) }} catch (e) {{ return e.message }} }})()"
    )

    assert words in modules.ask("views/run/log_file.js", caught)


def test_a_whole_file_is_read(modules: Modules) -> None:
    text = json.dumps("\n".join(map(json.dumps, STORY)) + "\n")

    assert modules.ask("views/run/log_file.js", f"m.readLog({text}).length") == 6


@pytest.mark.parametrize(
    ("lines", "words"),
    [(STORY, "none missing"), (STORY[2:], "first 2"), (STORY[:3], "its end")],
)
def test_what_a_file_lacks_is_told(
    modules: Modules, lines: list[dict[str, object]], words: str
) -> None:
    assert words in modules.ask(
        "views/run/log_file.js", f"m.missing({json.dumps(lines)})"
    )
