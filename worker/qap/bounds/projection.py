"""The projection bound."""

import math

import numpy as np

from worker.qap.arrays import AnyArray, Matrix
from worker.qap.assignment import rounded_down
from worker.qap.augmenting import AugmentingPaths
from worker.qap.bounds.bound import Bound
from worker.qap.instance import Instance
from worker.qap.matrices import is_symmetric
from worker.qap.spectrum import Spectrum

_EPSILON = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)


class Projection:
    r"""What orthogonal matrices with the right row sums would cost at least.

    A permutation matrix is orthogonal and its rows and columns sum to one, so it is
    :math:`X = \frac1n ee^T + VYV^T`, where the columns of :math:`V` are an orthonormal
    basis of the vectors that sum to zero and :math:`Y` is orthogonal. The objective
    splits into three parts: one that depends on :math:`Y` alone and is at least the
    minimal scalar product of the eigenvalues of :math:`V^TFV` and :math:`V^TDV`; one
    that is linear in :math:`X`; and a constant. The least of the first and the cheapest
    assignment of the second bound the objective from below [1]_.

    Parameters
    ----------
    instance
        One that `applies` to. Diagonals join the linear costs. If one matrix is
        symmetric only the symmetric part of the other matters. If neither is, each is
        replaced by the Hermitian matrix that has its symmetric part as real and its
        skew part as imaginary part: the objective stays the same [2]_.

    Notes
    -----
    :math:`O(n^3)` time in about :math:`5n` steps of :math:`O(n^2)`, :math:`O(n^2)`
    space. It is proven in spite of floating point: `Spectrum` says how far off its
    eigenvalues are at most, and what the sums and products may be off is subtracted.

    References
    ----------
    .. [1] S. W. Hadley, F. Rendl and H. Wolkowicz, "A new lower bound via projection
       for the quadratic assignment problem," *Mathematics of Operations Research* 17
       (1992) 727-739, doi:10.1287/moor.17.3.727.
    .. [2] S. W. Hadley, F. Rendl and H. Wolkowicz, "Symmetrization of nonsymmetric
       quadratic assignment problems and the Hoffman-Wielandt inequality," *Linear
       Algebra and its Applications* 167 (1992) 53-64.

    Examples
    --------
    >>> bound = Projection(Instance([[0, 3], [1, 0]], [[0, 5], [2, 0]]))
    >>> while not bound.finished:
    ...     done = bound.advance(1)
    >>> bound.value
    11
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._sides: list[_Side] = []
        self._is_real: bool | None = None
        self._costs: Matrix | None = None
        self._paths: AugmentingPaths | None = None
        self._unit: int | float = 1.0
        self._value: int | float | None = None

    @property
    def value(self) -> int | float | None:
        """The bound, once finished."""
        return self._value

    @property
    def finished(self) -> bool:
        """Whether the value is known."""
        return self._value is not None

    def advance(self, steps: int) -> int:
        """Do at most `steps` reflections, eigenvalues or augmenting paths.

        Parameters
        ----------
        steps
            At least 1.

        Returns
        -------
        int
            How many steps were done.
        """
        if len(self._sides) < 2:
            self._prepare()
            return 1
        for side in self._sides:
            if not side.spectrum.finished:
                return side.spectrum.advance(steps)
        if self._costs is None:
            self._costs = self._safe_costs()
            return 1
        if self._paths is None:
            whole, self._unit = rounded_down(self._costs)
            self._paths = AugmentingPaths(whole)
            return 1
        done = self._paths.advance(steps)
        if self._paths.finished:
            value = self._total(self._paths.total * self._unit)
            # Rounded up: the objective is an integer.
            self._value = math.ceil(value) if self._instance.is_exact else value
        return done

    def _prepare(self) -> None:
        """Do one of the passes over whole matrices that come first."""
        matrices = (self._instance.flow, self._instance.distance)
        if self._is_real is None:
            self._is_real = any(map(is_symmetric, matrices))
            return
        matrix = matrices[len(self._sides)]
        self._sides.append(_Side(matrix, is_real=self._is_real))

    @property
    def _exponent(self) -> int:
        return sum(side.exponent for side in self._sides)

    def _safe_costs(self) -> Matrix:
        """Return the part that is linear in the permutation, rounded downwards."""
        instance, order = self._instance, self._instance.order
        flow, distance = self._sides
        pairs = np.multiply.outer(flow.sums.conj(), distance.sums).real * (2 / order)
        # Sums of n rounded terms on both sides.
        terms = np.multiply.outer(flow.sizes, distance.sizes)
        slack = (8 * order + 32) * _EPSILON / order * terms
        costs: Matrix = np.ldexp(pairs - slack, self._exponent)
        diagonals = (
            np.diagonal(m).astype(np.float64)
            for m in (instance.flow, instance.distance)
        )
        own = np.multiply.outer(*diagonals)
        rounded = np.abs(costs) + np.abs(own)
        costs += own
        if instance.linear is not None:
            costs += instance.linear
            rounded += np.abs(instance.linear)
        costs -= 8 * _EPSILON * rounded + _TINY
        return costs

    def _total(self, assigned: float) -> float:
        """Return the sum of the three parts, less all that may be wrong with it."""
        flow, distance = self._sides
        flows, distances = flow.spectrum.values, distance.spectrum.values
        products = (flows * distances[::-1]).tolist()
        sums = [float(side.sums.sum().real) for side in self._sides]
        constant = -sums[0] * sums[1] / self._instance.order**2
        # The least scalar product is Lipschitz in both spectra; the matrices were
        # rounded when they were made; a sum of n**2 terms loses up to as many units
        # in the last place.
        errors = [
            side.spectrum.error + 4 * _EPSILON * side.spectrum.norm
            for side in self._sides
        ]
        error = math.fsum(
            [
                errors[0] * float(np.linalg.norm(distances)),
                errors[1] * float(np.linalg.norm(flows)),
                errors[0] * errors[1],
                4 * _EPSILON * math.fsum(map(abs, products)),
                4 * _EPSILON * float(flow.sizes.sum()) * float(distance.sizes.sum()),
            ]
        )
        quadratic = math.fsum([*products, constant, -2 * error])
        total = math.ldexp(quadratic, self._exponent) + assigned
        return total - 8 * _EPSILON * (abs(total) + abs(assigned)) - _TINY


class _Side:
    """Flow or distance as a Hermitian matrix with entries below 1, and its spectrum."""

    def __init__(self, matrix: Matrix, *, is_real: bool) -> None:
        scaled = matrix.astype(np.float64)
        np.fill_diagonal(scaled, 0.0)
        largest = max(float(scaled.max()), -float(scaled.min()))
        self.exponent = math.frexp(largest)[1]
        scaled = np.ldexp(scaled, -self.exponent - 1)
        symmetric = scaled + scaled.T
        hermitian: AnyArray = symmetric
        sizes = np.abs(symmetric).sum(axis=1)
        if not is_real:
            skew = scaled - scaled.T
            hermitian = np.empty(matrix.shape, dtype=np.complex128)
            hermitian.real, hermitian.imag = symmetric, skew
            sizes += np.abs(skew).sum(axis=1)
        self.sums: AnyArray = hermitian.sum(axis=1)
        self.sizes = sizes
        """No less than the sums of the absolute values."""
        self.spectrum = Spectrum(hermitian)


def _applies(instance: Instance) -> str | None:
    if instance.is_linear:
        return "has no flow between facilities, where Gilmore-Lawler is exact"
    return None


BOUND = Bound(
    name="projection",
    title="Projection",
    summary="Relaxes permutations to orthogonal matrices whose rows sum to one.",
    version="1",
    complexity_time="O(n^3)",
    complexity_space="O(n^2)",
    reference="Hadley, Rendl and Wolkowicz 1992, doi:10.1287/moor.17.3.727",
    applies=_applies,
    start=Projection,
)
