"""The Laplacian of a grid of indices, inverted in Fourier space; orders for it."""

from collections.abc import Iterator

import numpy as np
from scipy.fft import dct, idct

from worker.qap.arrays import AnyArray, IntVector

_LARGE = 2**16  # a grid of so many points takes milliseconds to transform
_SWEEPS = 40


class GridLaplacian:
    r"""The Laplacian of fields on an ``n`` by ``n`` grid, whose edges let nothing pass.

    A field is a number for each pair of indices; the Laplacian at a pair is the sum of
    the differences to its two to four neighbours. Cosines are its eigenvectors: the
    discrete cosine transform of type II makes it diagonal [1]_.

    Parameters
    ----------
    order
        :math:`n`, at least 1.

    Attributes
    ----------
    eigenvalues
        Shape ``(n, n)``, float64: those of minus the Laplacian, from 0 to below 8.

    Notes
    -----
    :math:`O(n^2 \log n)` time to solve, by fast Fourier transforms; :math:`O(n^2)`
    space.

    References
    ----------
    .. [1] G. Strang, "The discrete cosine transform," *SIAM Review* 41 (1999)
       135-147, doi:10.1137/S0036144598336745.

    Examples
    --------
    >>> field = np.array([[4.0, 0.0], [0.0, 0.0]])
    >>> for _ in GridLaplacian(2).solve(field, 1.0, 0.5):
    ...     pass
    >>> field.round(3)
    array([[2.333, 0.667],
           [0.667, 0.333]])
    """

    def __init__(self, order: int) -> None:
        line = 2 - 2 * np.cos(np.pi * np.arange(order) / order)
        self.eigenvalues: AnyArray = line[:, None] + line
        self._pauses = order * order >= _LARGE

    def solve(self, field: AnyArray, shift: float, weight: float) -> Iterator[int]:
        r"""Replace `field` by the solution of :math:`(a - b \Delta) x = field`.

        Parameters
        ----------
        field
            Shape ``(n, n)``, float64; changed in place.
        shift, weight
            :math:`a > 0` and :math:`b \ge 0`.

        Yields
        ------
        int
            0, after each some milliseconds of work.
        """
        for axis in (0, 1):
            field[...] = dct(field, axis=axis, norm="ortho")
            if self._pauses:
                yield 0
        field /= shift + weight * self.eigenvalues
        for axis in (0, 1):
            field[...] = idct(field, axis=axis, norm="ortho")
            if self._pauses:
                yield 0


def seriation(similarity: AnyArray) -> IntVector:
    r"""Return an order in which similar indices stand close together.

    It sorts by the Fiedler vector, the second eigenvector of the graph whose edges
    weigh as much as the indices are similar: among all vectors of mean 0 and norm 1 it
    has the least :math:`\sum s_{ij} (x_i - x_j)^2`; see [1]_.

    Parameters
    ----------
    similarity
        Shape ``(n, n)``, numbers; counted from the least one, and both ways.

    Returns
    -------
    IntVector
        Shape ``(n,)``: a permutation of the indices.

    Notes
    -----
    :math:`O(n^2)` time: a fixed number of power iterations, so the vector is
    approximate where eigenvalues are close. That suffices for an order.

    References
    ----------
    .. [1] J. E. Atkins, E. G. Boman and B. Hendrickson, "A spectral algorithm for
       seriation and the consecutive ones problem," *SIAM Journal on Computing* 28
       (1998) 297-310, doi:10.1137/S0097539795285771.

    Examples
    --------
    >>> place = np.array([3, 0, 4, 1, 2])
    >>> seriation(4 - np.abs(np.subtract.outer(place, place))).tolist()
    [2, 0, 4, 3, 1]
    """
    weights = similarity + similarity.T - 2.0 * similarity.min()
    degrees = weights.sum(axis=1)
    # No eigenvalue exceeds twice the largest degree: the least become the largest.
    most = 2 * degrees.max()
    if most <= 0:
        return np.arange(len(weights))
    vector = np.cos(np.arange(len(weights)) * np.pi / len(weights))
    for _ in range(_SWEEPS):
        vector = (most - degrees) * vector + weights @ vector
        vector -= vector.mean()
        norm = np.linalg.norm(vector)
        if norm == 0:
            return np.arange(len(weights))
        vector /= norm
    return np.argsort(vector, kind="stable")
