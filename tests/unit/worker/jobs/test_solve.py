"""The handler of solves: budgets over attempts, certificates, the core's errors."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest
from typing_extensions import override

from db import instance_codec
from db.contracts.checkpoint import Checkpoint
from db.contracts.errors import InvalidInputError, NotFoundError
from db.contracts.event import EventType, Progress
from db.contracts.kinds.solve import Limits, SolveRequest, SolveResult
from db.contracts.termination import Termination
from db.instance_codec import Matrices
from db.tracing import Span
from worker import qap
from worker.context import Context
from worker.jobs import solve
from worker.qap import qaplib
from worker.team import Heard, News

RNG = np.random.default_rng(2026)
ORDER = 8
FLOW, DISTANCE = RNG.integers(0, 10, (2, ORDER, ORDER))
MATRICES = Matrices(FLOW, DISTANCE)
SHA256 = instance_codec.sha256(instance_codec.encode(MATRICES))
START = Checkpoint(
    objective=int(qap.certify(FLOW, DISTANCE, None, list(range(ORDER)))),
    permutation=list(range(ORDER)),
    bound=1,
    bound_name="gilmore_lawler",
    iterations=40,
    elapsed_s=2.5,
)


class FakeTeam:
    """Others of whom nothing is heard; what they are told is noted."""

    def __init__(self, written: list[Checkpoint]) -> None:
        self.told: list[Progress] = []
        self._written = written

    def hear(self) -> Heard:
        return Heard(None, None)

    def tell(self, news: Sequence[News]) -> bool:
        for _, progress in news:
            # As it was when they heard of it.
            assert self._written[-1].objective == progress.objective
            self.told.append(progress)
        return True

    def take_turn(self, seconds: float) -> bool:
        return seconds < 0


@dataclass
class FakeContext:
    """The attempt as a handler sees it, without anything behind it."""

    attempt: int = 1
    start: Checkpoint | None = None
    stop: Termination | None = None
    told: list[tuple[EventType, Progress]] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    written: list[Checkpoint] = field(default_factory=list)
    can_write: bool = True
    team: "FakeTeam | None" = None

    def why_stop(self) -> Termination | None:
        return self.stop

    def load_matrices(self, sha256: str) -> Matrices:
        if sha256 != SHA256:
            raise NotFoundError
        return MATRICES

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self.checkpoints.append(checkpoint)

    def write_checkpoint(self) -> bool:
        if self.can_write:
            self.written.append(self.checkpoints[-1])
        return self.can_write

    def publish(self, type_: EventType, progress: Progress) -> None:
        self.told.append((type_, progress))

    def publish_progress(self, progress: Progress) -> None:
        self.progress.append(progress)

    def phase(self, name: str) -> AbstractContextManager[Span]:
        return nullcontext(Span(None, None))


def run(context: FakeContext | None = None, **changes: Any) -> SolveResult:
    given = {"instance": SHA256, "order": ORDER, **changes}
    given.setdefault("limits", Limits(iterations=100))
    request = SolveRequest(**given)
    return solve.run(request, cast("Context", context or FakeContext()))


def test_a_result_comes_with_its_certificate() -> None:
    result = run(best_known=1, seed=5)
    certified = qap.certify(FLOW, DISTANCE, None, result.permutation)
    assert result.objective == result.certificate.objective == certified
    assert result.certificate.permutation == result.permutation
    assert (result.certificate.instance, result.certificate.exact) == (SHA256, True)
    assert (result.seed, result.certificate.seed) == (5, 5)
    assert result.gap_to_best_known == pytest.approx(certified - 1)
    assert result.termination is Termination.ITERATION_LIMIT
    assert result.iterations == 100


def test_a_seed_gives_one_answer() -> None:
    assert run(seed=1).permutation == run(seed=1).permutation


def test_an_instance_of_the_library_needs_no_row() -> None:
    result = run(
        instance="f" * 64, instance_name="nug12", order=12, limits=Limits(iterations=10)
    )
    library = qaplib.load("nug12")
    assert result.objective == qap.certify(
        library.flow, library.distance, library.linear, result.permutation
    )


@pytest.mark.parametrize("method", ["tabu_search", "linear_assignment"])
def test_an_instance_without_flow_gets_a_bound_from_whatever_solves_it(
    method: str,
) -> None:
    class Linear(FakeContext):
        @override
        def load_matrices(self, sha256: str) -> Matrices:
            nothing = np.zeros_like(FLOW)
            return Matrices(nothing, nothing, DISTANCE)

    result = run(Linear(), instance="e" * 64, method=method)
    assert result.bound is not None
    assert result.bound <= result.objective


def island(*, can_write: bool = True) -> FakeContext:
    context = FakeContext(can_write=can_write)
    context.team = FakeTeam(context.written)
    run(context, island=0, limits=Limits(iterations=2000))
    return context


def test_an_island_tells_nothing_that_its_row_does_not_have() -> None:
    context = island()
    assert context.team is not None
    assert context.team.told
    assert [each.objective for each in context.written] == sorted(
        {each.objective for each in context.written}, reverse=True
    )


def test_an_island_keeps_to_itself_what_it_could_not_write() -> None:
    context = island(can_write=False)
    assert context.team is not None
    assert not context.team.told


def test_a_later_attempt_starts_from_the_checkpoint() -> None:
    context = FakeContext(attempt=2, start=START, stop=Termination.CANCELLED)
    result = run(context)
    assert result.termination is Termination.CANCELLED
    assert result.permutation == START.permutation
    assert (result.bound, result.bound_name) == (1, "gilmore_lawler")


def test_a_later_attempt_has_what_is_left_of_the_iterations() -> None:
    result = run(FakeContext(attempt=2, start=START))
    assert result.iterations == 100


def test_a_later_attempt_has_what_is_left_of_the_time() -> None:
    context = FakeContext(attempt=2, start=START)
    result = run(context, limits=Limits(time_s=START.elapsed_s))
    assert result.termination is Termination.TIME_LIMIT
    assert result.elapsed_s >= START.elapsed_s
    assert result.iterations >= START.iterations
    assert result.objective <= START.objective


def test_a_later_attempt_walks_another_way() -> None:
    first = solve._generator(3, 1).integers(1000, size=5).tolist()
    assert first == np.random.default_rng(3).integers(1000, size=5).tolist()
    assert solve._generator(3, 2).integers(1000, size=5).tolist() != first


def test_no_attempt_takes_back_what_was_told() -> None:
    context = FakeContext(attempt=2, start=START)
    run(context)
    told = [progress.objective for _, progress in context.told]
    told += [progress.objective for progress in context.progress]
    assert told
    for objective in told:
        assert objective is not None
        assert objective <= START.objective
    incumbents = [p.objective for t, p in context.told if t is EventType.JOB_INCUMBENT]
    assert all(objective != START.objective for objective in incumbents)


def test_every_incumbent_is_told_and_kept_with_its_permutation() -> None:
    context = FakeContext()
    result = run(context)
    incumbents = [p for t, p in context.told if t is EventType.JOB_INCUMBENT]
    assert incumbents[-1].objective == result.objective
    for incumbent in incumbents:
        assert incumbent.permutation is not None
        assert incumbent.objective == qap.certify(
            FLOW, DISTANCE, None, incumbent.permutation
        )
    assert context.checkpoints[-1].objective == result.objective
    assert context.checkpoints[-1].permutation == result.permutation


def test_a_checkpoint_knows_the_budget_that_is_used_up() -> None:
    context = FakeContext()
    result = run(context, limits=Limits(time_s=0.5))
    # Found at once on so small an instance; the run went on for long after.
    last = context.checkpoints[-1]
    assert last.elapsed_s == context.progress[-1].elapsed_s
    assert last.iterations == context.progress[-1].iterations
    assert last.iterations > result.iterations / 2


def test_an_attempt_without_a_better_incumbent_uses_up_budget_too() -> None:
    best = run(limits=Limits(iterations=2000))
    start = START.model_copy(
        update={"objective": best.objective, "permutation": best.permutation}
    )
    context = FakeContext(attempt=2, start=start)
    run(context, limits=Limits(iterations=2000))
    assert context.checkpoints[-1].iterations > start.iterations
    assert context.checkpoints[-1].permutation == best.permutation


@pytest.mark.parametrize("reason", [Termination.CANCELLED, Termination.INTERRUPTED])
def test_a_reason_to_stop_is_the_end(reason: Termination) -> None:
    assert run(FakeContext(stop=reason)).termination is reason


def test_a_target_is_the_end() -> None:
    result = run(limits=Limits(target_objective=10**9, iterations=100))
    assert result.termination is Termination.TARGET


@pytest.mark.parametrize(
    "bad",
    [
        {"method": "guessing"},
        {"parameters": {"no_such_parameter": 1}},
        {"parameters": {"tenure": -1}},
        {"method": "linear_assignment"},
        {"instance_name": "nug13"},
    ],
    ids=str,
)
def test_what_the_core_refuses_is_the_callers_to_mend(bad: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        run(**bad)
    assert refused.value.message
    assert refused.value.suggestion


def test_an_instance_that_is_not_stored_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        run(instance="f" * 64)


@pytest.mark.parametrize(
    ("best_known", "gap"), [(None, None), (0, None)], ids=["unknown", "zero"]
)
def test_a_gap_that_json_has_no_word_for_is_left_out(
    best_known: int | None, gap: float | None
) -> None:
    assert run(best_known=best_known).gap_to_best_known is gap


def test_the_fake_context_is_like_the_real_one() -> None:
    def public(kind: Callable[..., object]) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(Context) <= public(FakeContext) | {"flush"}
