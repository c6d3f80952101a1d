"""The objective, extended from permutation matrices to doubly stochastic ones."""

from collections.abc import Generator
from functools import cached_property

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.laplacian import seriation
from worker.qap.neighbourhood import Neighbourhood
from worker.qap.permutation import inverse

_PORTION = 2**27  # products a block of rows may cost
_SWEEPS = 20


class Relaxation:
    r"""The quadratic function of a matrix that is the objective at permutations.

    .. math:: f(X) = \sum_{i,j,k,l} flow_{ij}\, distance_{kl}\, X_{ik} X_{jl}
              + \sum_{i,k} linear_{ik} X_{ik}

    Rows stand for facilities and columns for locations, both in an order in which
    neighbours are alike: facilities that exchange much flow and locations that are
    near one another follow upon each other.

    Parameters
    ----------
    ready
        The instance made ready.
    facilities
        As `alike_facilities` has found them, if it was asked before.

    Attributes
    ----------
    facilities, locations
        Shape ``(n,)``: which of them the rows and the columns stand for.

    Notes
    -----
    Constants of the instance that `Neighbourhood` leaves out are left out here.
    :math:`O(n^2)` time to begin with, and space.

    Examples
    --------
    >>> from worker.qap.instance import Instance
    >>> from worker.qap.neighbourhood import neighbourhood
    >>> instance = Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]])
    >>> relaxation = Relaxation(neighbourhood(instance))
    >>> relaxation.value(relaxation.matrix(np.array([1, 0])))
    11.0
    >>> relaxation.value(np.full((2, 2), 0.5))
    7.0
    """

    def __init__(
        self, ready: Neighbourhood, facilities: IntVector | None = None
    ) -> None:
        flow, distance = ready.flow.astype(float), ready.distance.astype(float)
        self.facilities = alike_facilities(ready) if facilities is None else facilities
        self.locations = seriation(-distance)
        self._rows, self._columns = inverse(self.facilities), inverse(self.locations)
        self._flow = np.ascontiguousarray(flow[np.ix_(*[self.facilities] * 2)])
        self._distance = np.ascontiguousarray(distance[np.ix_(*[self.locations] * 2)])
        self._linear: AnyArray | None = None
        if ready.linear.size:
            linear = ready.linear[np.ix_(self.facilities, self.locations)]
            self._linear = linear.astype(float)
        self._is_symmetric = ready.is_symmetric
        # Kernels count each pair of a symmetric instance once, sums here twice.
        self._weight = ready.scale / 2 if ready.is_symmetric else float(ready.scale)
        self._block = max(1, _PORTION // len(flow) ** 2)

    def value(self, matrix: AnyArray) -> float:
        """Return the objective's extension at `matrix`.

        Parameters
        ----------
        matrix
            Shape ``(n, n)``, float64.

        Returns
        -------
        float
            In units of the objective.

        Notes
        -----
        :math:`O(n^3)` time.
        """
        total = (self._flow * (matrix @ self._distance @ matrix.T)).sum()
        total *= self._weight
        if self._linear is not None:
            total += (self._linear * matrix).sum()
        return float(total)

    def gradient(
        self, matrix: AnyArray, *, along: bool = False
    ) -> Generator[int, None, AnyArray]:
        """Compute how much the value grows with each entry.

        Parameters
        ----------
        matrix
            Shape ``(n, n)``, float64.
        along
            Whether linear costs are left out: the result is then the Hessian's
            product with `matrix`.

        Yields
        ------
        int
            0, after each some milliseconds of work.

        Returns
        -------
        AnyArray
            Shape ``(n, n)``, float64.

        Notes
        -----
        :math:`O(n^3)` time.
        """
        total = yield from self._product(self._flow, matrix, self._distance.T)
        if self._is_symmetric:
            total *= 2
        else:
            total += yield from self._product(self._flow.T, matrix, self._distance)
        total *= self._weight
        if self._linear is not None and not along:
            total += self._linear
        return total

    def matrix(self, permutation: IntVector) -> AnyArray:
        """Return the permutation matrix.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64.

        Returns
        -------
        AnyArray
            Shape ``(n, n)``, float64: its rows and columns in the orders kept here.
        """
        result = np.zeros(self._flow.shape)
        columns = self._columns[permutation[self.facilities]]
        result[np.arange(permutation.size), columns] = 1
        return result

    def permutation(self, columns: IntVector) -> IntVector:
        """Return the permutation that gives each row a column.

        Parameters
        ----------
        columns
            Shape ``(n,)``, int64: a permutation.

        Returns
        -------
        IntVector
            Shape ``(n,)``, int64: the location of each facility.
        """
        return self.locations[columns][self._rows]

    def _product(
        self, left: AnyArray, matrix: AnyArray, right: AnyArray
    ) -> Generator[int, None, AnyArray]:
        half = yield from self._multiply(left, matrix)
        return (yield from self._multiply(half, right))

    def _multiply(
        self, left: AnyArray, right: AnyArray
    ) -> Generator[int, None, AnyArray]:
        result = np.empty(left.shape)
        for first in range(0, len(left), self._block):
            if first > 0:
                yield 0
            rows = slice(first, first + self._block)
            np.matmul(left[rows], right, out=result[rows])
        return result

    @cached_property
    def temperature(self) -> float:
        """A positive temperature near which flows begin to tell locations apart.

        In units of the objective, for flows from the barycentre: the Hessian's
        curvature there is bounded, and this is 1/n of it. :math:`O(n^2)` time, once.
        """
        n = len(self._flow)
        norms = _centred_norm(self._flow) * _centred_norm(self._distance)
        total = 2 * self._weight * norms / n
        if self._linear is not None:
            centred = self._linear - self._linear.mean(axis=0)
            centred -= centred.mean(axis=1, keepdims=True)
            total += float(np.sqrt((centred**2).mean()))
        return total or 1.0


def alike_facilities(ready: Neighbourhood) -> IntVector:
    """Return the facilities in an order in which neighbours exchange much flow.

    Parameters
    ----------
    ready
        The instance made ready.

    Returns
    -------
    IntVector
        Shape ``(n,)``, int64: a permutation.

    Notes
    -----
    :math:`O(n^2)` time: a good part of what a `Relaxation` takes to begin with.
    """
    return seriation(ready.flow.astype(float))


def _centred_norm(matrix: AnyArray) -> float:
    """Return the spectral norm on vectors of mean 0, by power iterations."""
    vector = np.cos(1.0 + np.arange(len(matrix)))
    norm = 0.0
    for _ in range(_SWEEPS):
        vector -= vector.mean()
        length = float(np.linalg.norm(vector))
        if length == 0:
            return 0.0
        image = matrix @ (vector / length)
        image -= image.mean()
        norm = float(np.linalg.norm(image))
        vector = matrix.T @ image
    return norm
