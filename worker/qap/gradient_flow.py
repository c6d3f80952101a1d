"""Flows of doubly stochastic matrices down the relaxed objective, step by step."""

from collections.abc import Generator, Iterator

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.birkhoff import balanced, rounding
from worker.qap.laplacian import GridLaplacian
from worker.qap.neighbourhood import Neighbourhood
from worker.qap.relaxation import Relaxation

_SWEEPS = 3
_FIRST_SWEEPS = 10
_TANGENT_SWEEPS = 2
_LEAST = 1e-30
LARGE = 2**16  # a pass over so many entries takes a good part of a millisecond


class GradientFlow:
    r"""A doubly stochastic matrix that flows down its free energy.

    The free energy at temperature :math:`T` is the relaxed objective less
    :math:`T` times the entropy, :math:`f(X) + T \sum X \log X`. In the geometry of
    the entropy its gradient flow is linear but for one term: with
    :math:`X = B(U)`, where :math:`B` balances the exponentials of a potential,

    .. math:: \dot U = -\nabla f(X) / T - U + \nu \Delta U.

    The last term, absent for :math:`\nu = 0`, smooths the potential over neighbouring
    facilities and locations. It is stiff, so a step takes it and the decay
    implicitly, by fast cosine transforms, and the gradient explicitly [1]_. Without
    smoothing, a step of length 1 is one of softassign [2]_.

    Parameters
    ----------
    ready
        The instance made ready.
    facilities
        As for `Relaxation`.

    Attributes
    ----------
    relaxation
        The objective's extension.
    laplacian
        Of the grid of facilities and locations.
    matrix
        Shape ``(n, n)``, float64: where the flow stands.
    potential
        Shape ``(n, n)``, float64: what it is the balance of.

    Notes
    -----
    :math:`O(n^3)` time a step, :math:`O(n^2)` space. A step balances by three sweeps
    that begin where those of the step before ended: the columns sum to 1, the rows
    nearly, and exactly where the flow is at rest.

    References
    ----------
    .. [1] U. M. Ascher, S. J. Ruuth and B. T. R. Wetton, "Implicit-explicit methods
       for time-dependent partial differential equations," *SIAM Journal on Numerical
       Analysis* 32 (1995) 797-823, doi:10.1137/0732037.
    .. [2] S. Gold and A. Rangarajan, "A graduated assignment algorithm for graph
       matching," *IEEE Transactions on Pattern Analysis and Machine Intelligence* 18
       (1996) 377-388, doi:10.1109/34.491619.

    Examples
    --------
    >>> from worker.qap.instance import Instance
    >>> from worker.qap.neighbourhood import neighbourhood
    >>> instance = Instance.from_costs([[4, 1], [2, 3]])
    >>> flow = GradientFlow(neighbourhood(instance))
    >>> flow.start(np.zeros((2, 2)))
    >>> for _ in flow.step(temperature=0.1, length=1.0):
    ...     pass
    >>> flow.matrix.round(3)
    array([[0., 1.],
           [1., 0.]])
    """

    def __init__(
        self, ready: Neighbourhood, facilities: IntVector | None = None
    ) -> None:
        n = len(ready.kinds)
        self.relaxation = Relaxation(ready, facilities)
        self.laplacian = GridLaplacian(n)
        self.potential: AnyArray = np.zeros((n, n))
        self.matrix: AnyArray = np.full((n, n), 1 / n)
        self._scaling: AnyArray = np.ones(n)
        self._is_large = n * n >= LARGE

    def start(self, potential: AnyArray) -> None:
        """Begin at the balance of a potential.

        Parameters
        ----------
        potential
            Shape ``(n, n)``, float64; taken over.
        """
        self.potential = potential
        self._scaling[:] = 1
        self.matrix = balanced(potential, _FIRST_SWEEPS, self._scaling)

    def pause(self) -> Iterator[int]:
        """Stand still where some passes over the matrix take milliseconds.

        Yields
        ------
        int
            0, or nothing if the matrix is small.
        """
        if self._is_large:
            yield 0

    def step(
        self, *, temperature: float, length: float, smoothing: float = 0.0
    ) -> Iterator[int]:
        r"""Move on by one step of time.

        Parameters
        ----------
        temperature
            :math:`T > 0`, in units of the objective.
        length
            Of the step, positive.
        smoothing
            :math:`\nu \ge 0`.

        Yields
        ------
        int
            0, after each some milliseconds of work.
        """
        force = yield from self.relaxation.gradient(self.matrix)
        yield from self.pause()
        centre(force)
        force *= -length / temperature
        force += self.potential
        if smoothing > 0:
            yield from self.laplacian.solve(force, 1 + length, length * smoothing)
        else:
            force /= 1 + length
        yield from self.pause()
        self.potential = force
        self.matrix = balanced(force, _SWEEPS, self._scaling)

    def disturb(self, direction: AnyArray, size: float) -> None:
        """Move the potential along a direction made tangent and of unit length.

        Parameters
        ----------
        direction
            Shape ``(n, n)``, float64; changed in place.
        size
            How far.
        """
        self._normalise(direction)
        self.start(self.potential + size * direction)

    def reverse(
        self, direction: AnyArray, *, temperature: float, length: float
    ) -> Generator[int, None, float]:
        r"""Move on by one step in which time runs backwards along one direction.

        First `direction` turns towards negative curvature: with :math:`J` the
        Jacobian of :math:`U + \nabla f(X)/T`, it follows
        :math:`\dot V = -J V` and is made of unit length again. Then the potential
        follows the flow with the part along it reversed,

        .. math:: \dot U = -(U + \nabla f(X)/T) + 2 \langle U + \nabla f(X)/T,
                  V\rangle V.

        Saddles of index 1 attract that flow: gentlest ascent [1]_, in the metric
        :math:`\langle V, W\rangle = \sum X V W` of the entropy.

        Parameters
        ----------
        direction
            Shape ``(n, n)``, float64: :math:`V`, changed in place.
        temperature
            :math:`T > 0`, in units of the objective.
        length
            Of the step, positive, at most 1.

        Yields
        ------
        int
            0, after each some milliseconds of work.

        Returns
        -------
        float
            The curvature :math:`\langle V, J V\rangle` along the direction before
            it turned: negative beyond the ridge.

        References
        ----------
        .. [1] W. E and X. Zhou, "The gentlest ascent dynamics," *Nonlinearity* 24
           (2011) 1831-1842, doi:10.1088/0951-7715/24/6/008.
        """
        matrix = self.matrix
        self._normalise(direction)
        yield from self.pause()
        bend = yield from self.relaxation.gradient(matrix * direction, along=True)
        yield from self.pause()
        bend /= temperature
        bend += direction
        curvature = float((matrix * direction * bend).sum())
        direction -= length * bend
        yield from self.pause()
        self._normalise(direction)
        yield from self.pause()
        force = yield from self.relaxation.gradient(matrix)
        yield from self.pause()
        force /= temperature
        force += self.potential
        centre(force)
        along = float((matrix * direction * force).sum())
        force -= 2 * along * direction
        yield from self.pause()
        self.potential = self.potential - length * force
        self.matrix = balanced(self.potential, _SWEEPS, self._scaling)
        return curvature

    def _normalise(self, direction: AnyArray) -> None:
        """Make `direction` tangent to the polytope, and of unit length."""
        matrix = self.matrix
        for _ in range(_TANGENT_SWEEPS):
            direction -= (matrix * direction).sum(axis=1, keepdims=True)
            direction -= (matrix * direction).sum(axis=0)
        length = np.sqrt((matrix * direction**2).sum())
        direction /= length if length > 0 else 1.0

    def rounded(self) -> Generator[int, None, IntVector]:
        """Find the permutation that the matrix suggests most.

        Yields
        ------
        int
            0, after each some milliseconds of work.

        Returns
        -------
        IntVector
            Shape ``(n,)``, int64: the location of each facility.
        """
        columns = yield from rounding(self.matrix)
        return self.relaxation.permutation(columns)


def centre(field: AnyArray) -> None:
    """Subtract from each row its mean, then from each column its own.

    Parameters
    ----------
    field
        Shape ``(n, n)``, float64; changed in place.

    Notes
    -----
    That changes no balance, and keeps numbers small.

    Examples
    --------
    >>> field = np.array([[1.0, 3.0], [2.0, 8.0]])
    >>> centre(field)
    >>> field
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    field -= field.mean(axis=1, keepdims=True)
    field -= field.mean(axis=0)


def mixed(one: AnyArray, other: AnyArray, share: float) -> AnyArray:
    """Return the potential of a mixture of two doubly stochastic matrices.

    Parameters
    ----------
    one, other
        Shape ``(n, n)``, float64, not negative.
    share
        Of `other`, from 0 to 1.

    Returns
    -------
    AnyArray
        Shape ``(n, n)``: the logarithm, of at least ``1e-30``.

    Examples
    --------
    >>> np.exp(mixed(np.eye(2), np.full((2, 2), 0.5), 0.5))
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    return np.log(np.maximum((1 - share) * one + share * other, _LEAST))
