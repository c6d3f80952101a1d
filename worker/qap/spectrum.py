"""Proven eigenvalues of a matrix on the vectors that sum to zero, step by step."""

import math

import numpy as np
from numpy.typing import NDArray

from worker.qap.arrays import AnyArray
from worker.qap.compile import kernel

_EPSILON = float(np.finfo(np.float64).eps)
_PIVOT = 1e-290


class Spectrum:
    r"""The eigenvalues of :math:`V^* M V`, in rising order, and how far off they are.

    The columns of :math:`V` are an orthonormal basis of the vectors that sum to zero.

    Parameters
    ----------
    matrix
        Shape ``(n, n)``, ``n >= 2``, float64 and symmetric or complex128 and
        Hermitian, which is not checked; copied. No entry is larger than about 1.

    Notes
    -----
    :math:`O(n^3)` time in :math:`2n - 2` steps of :math:`O(n^2)`, on one thread, and
    :math:`O(n^2)` space. A first reflection turns the vector of ones into the first
    axis, so that what remains is :math:`V^* M V`; others make it tridiagonal [1]_; each
    eigenvalue of that is then enclosed by bisection on the number of negative pivots.

    What is proven. A reflection of length :math:`m` applied from both sides in
    floating point errs in the Frobenius norm by less than :math:`64 (m + 8) u \|M\|`,
    in complex numbers too (:math:`u` is the unit roundoff; the errors are those of the
    products and sums in `_reflect`, added up term by term, with room to spare). The
    count of negative pivots is exact for a matrix whose off-diagonal entries differ
    by a few :math:`u`, see [2]_. By the inequality of Hoffman and Wielandt the
    Euclidean norm of the errors of all eigenvalues is at most the sum of these.

    References
    ----------
    .. [1] N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd edition,
       SIAM (2002), chapter 19, doi:10.1137/1.9780898718027.
    .. [2] J. W. Demmel, *Applied Numerical Linear Algebra*, SIAM (1997), section 5.3.4,
       doi:10.1137/1.9781611971446.

    Examples
    --------
    >>> spectrum = Spectrum(np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> while not spectrum.finished:
    ...     done = spectrum.advance(1)
    >>> abs(spectrum.values[0] - -1) <= spectrum.error < 1e-12
    True
    """

    def __init__(self, matrix: AnyArray) -> None:
        order = len(matrix)
        self._matrix = matrix.copy()
        square = (matrix.real**2).sum() + (matrix.imag**2).sum()
        self.norm = math.sqrt(square)
        """The Frobenius norm of the matrix."""
        self._diagonal = np.zeros(order)
        self._off = np.zeros(order)
        self._row = 0
        self._reach = 0.0
        self._found = 0
        self._values = np.zeros(order - 1)
        self._error = 32 * order * (order + 8) * _EPSILON * self.norm

    @property
    def values(self) -> NDArray[np.float64]:
        """Shape ``(n - 1,)``: the eigenvalues, once finished."""
        return self._values

    @property
    def error(self) -> float:
        """No less than the Euclidean norm of the errors of all values together."""
        return self._error

    @property
    def finished(self) -> bool:
        """Whether all values are known."""
        return self._found == self._values.size

    def advance(self, steps: int) -> int:
        """Do at most `steps` reflections, or find as many eigenvalues.

        Parameters
        ----------
        steps
            At least 1.

        Returns
        -------
        int
            How many were done.
        """
        order = len(self._diagonal)
        if self._row < order - 1:
            stop = min(order - 1, self._row + steps)
            done = stop - self._row
            _reduce(self._matrix, self._diagonal, self._off, self._row, stop)
            self._row = stop
            if stop == order - 1:
                self._enclose()
            return done
        stop = min(self._values.size, self._found + steps)
        done = stop - self._found
        _bisect(
            self._diagonal[1:],
            self._off**2,
            self._reach,
            self._values,
            self._found,
            stop,
        )
        self._found = stop
        return done

    def _enclose(self) -> None:
        """Find an interval that holds all eigenvalues, by Gershgorin's theorem."""
        last = self._matrix[-1, -1]
        self._diagonal[-1] = last.real
        # off[k] couples k and k + 1; the axis of the ones is not part of it.
        beside = np.append(self._off[1:-1], 0.0)
        radius = beside + np.append(0.0, beside[:-1])
        reach = float((np.abs(self._diagonal[1:]) + radius).max())
        # Beyond all, however it was rounded.
        self._reach = reach * (1 + 1e-9)
        # Half an interval, the rounding of its middle and of the pivots.
        self._error += 16 * _EPSILON * reach * math.sqrt(self._values.size)


@kernel
def _reduce(
    matrix: AnyArray, diagonal: AnyArray, off: AnyArray, start: int, stop: int
) -> None:
    """Make rows `start` to `stop` zero beyond the off-diagonal."""
    n = matrix.shape[0]
    v = np.zeros_like(matrix[0])
    for k in range(start, stop):
        if k == 0:
            root = math.sqrt(n)
            v[:] = 1.0
            v[0] += root
            _reflect(matrix, v, 0, 1.0 / (n + root))
            continue
        diagonal[k] = matrix[k, k].real
        square = 0.0
        for i in range(k + 1, n):
            v[i] = np.conj(matrix[k, i])
            square += v[i].real ** 2 + v[i].imag ** 2
        norm = math.sqrt(square)
        off[k] = norm
        if norm == 0.0:
            continue
        # The sign, or phase, that avoids cancellation.
        size = abs(v[k + 1])
        if size > 0.0:
            v[k + 1] += v[k + 1] / size * norm
        else:
            v[k + 1] += norm
        _reflect(matrix, v, k + 1, 1.0 / (norm * (norm + size)))


@kernel
def _reflect(matrix: AnyArray, v: AnyArray, first: int, beta: float) -> None:
    """Apply ``I - beta v v*`` from both sides to all from row `first` on."""
    n = matrix.shape[0]
    w = np.zeros_like(v)
    for j in range(first, n):
        row = matrix[j]
        for i in range(first, n):
            w[i] += v[j] * np.conj(row[i])
    half = 0.0
    for i in range(first, n):
        w[i] *= beta
        half += (np.conj(v[i]) * w[i]).real
    half *= 0.5 * beta
    for i in range(first, n):
        w[i] -= half * v[i]
    for j in range(first, n):
        row = matrix[j]
        for i in range(first, n):
            row[i] -= v[j] * np.conj(w[i]) + w[j] * np.conj(v[i])


@kernel
def _bisect(
    diagonal: AnyArray,
    squares: AnyArray,
    reach: float,
    values: AnyArray,
    start: int,
    stop: int,
) -> None:
    """Find eigenvalues `start` to `stop`; ``squares[k]`` couples k - 1 and k."""
    width = 4.0 * _EPSILON * reach
    for index in range(start, stop):
        left, right = -reach, reach
        while right - left > width:
            middle = 0.5 * (left + right)
            below = 0
            pivot = 1.0
            for k in range(diagonal.size):
                pivot = diagonal[k] - middle - squares[k] / pivot
                if abs(pivot) < _PIVOT:
                    pivot = -_PIVOT
                if pivot < 0.0:
                    below += 1
            if below > index:
                right = middle
            else:
                left = middle
        values[index] = 0.5 * (left + right)


def warm_up_spectrum() -> None:
    """Compile the kernels for real and for complex matrices."""
    for number in (np.float64, np.complex128):
        spectrum = Spectrum(np.eye(3, dtype=number))
        while not spectrum.finished:
            spectrum.advance(3)
