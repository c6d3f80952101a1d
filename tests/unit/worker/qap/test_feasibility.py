import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching

from worker.qap import InfeasibleProblemError
from worker.qap.feasibility import mend


@given(
    st.integers(1, 12),
    st.integers(0, 5),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_it_is_mended_exactly_where_it_can_be(facilities, more, share, seed) -> None:
    rng = np.random.default_rng(seed)
    locations = facilities + more
    allowed = rng.random((facilities, locations)) < share
    first = rng.permutation(locations)[:facilities]
    matched = maximum_bipartite_matching(csr_matrix(allowed), perm_type="column")
    if (matched < 0).any():
        with pytest.raises(InfeasibleProblemError) as caught:
            mend(allowed, first)
        reachable = allowed[caught.value.facilities].any(axis=0)
        assert np.flatnonzero(reachable).tolist() == caught.value.locations
        assert len(caught.value.locations) < len(caught.value.facilities)
        return
    found = mend(allowed, first)
    assert len(set(found.tolist())) == facilities
    assert allowed[np.arange(facilities), found].all()


def test_what_is_allowed_is_left_as_it_is() -> None:
    first = np.array([2, 0, 1])
    found = mend(np.ones((3, 4), dtype=bool), first)
    assert found.tolist() == [2, 0, 1]
    assert found is not first
