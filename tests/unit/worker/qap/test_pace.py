from worker.qap.pace import Pace


def test_the_first_slice_is_one_step() -> None:
    assert Pace(0.05).steps == 1


def test_slices_grow_no_faster_than_fourfold() -> None:
    pace = Pace(1.0)
    pace.learn(10, 1e-9)
    assert pace.steps == 40
    pace.learn(40, 0.0)
    assert pace.steps == 160


def test_slices_shrink_at_once_when_steps_become_slow() -> None:
    pace = Pace(0.05)
    pace.learn(1000, 5.0)
    assert pace.steps == 10
    pace.learn(10, 60.0)
    assert pace.steps == 1


def test_nothing_is_learnt_of_no_steps() -> None:
    pace = Pace(0.05)
    pace.learn(0, 9.0)
    assert pace.steps == 1


def test_a_slice_is_cut_to_the_time_that_is_left() -> None:
    pace = Pace(1.0)
    pace.learn(100, 1.0)
    assert [pace.within(s) for s in (9.0, 0.5, 0.0, -1.0)] == [100, 50, 1, 1]
