import numpy as np
import pytest

from worker.qap.spectrum import Spectrum


def hermitian(order: int, seed: int, *, number: type) -> np.ndarray:
    rng = np.random.default_rng(seed)
    matrix = rng.uniform(-0.5, 0.5, (order, order)).astype(number)
    if number is np.complex128:
        matrix += 1j * rng.uniform(-0.5, 0.5, (order, order))
    return (matrix + matrix.conj().T) / 2


def complete(matrix: np.ndarray, steps: int = 10**9) -> Spectrum:
    spectrum = Spectrum(matrix)
    while not spectrum.finished:
        assert 1 <= spectrum.advance(steps) <= steps
    return spectrum


def reference(matrix: np.ndarray) -> np.ndarray:
    """Return the same eigenvalues by LAPACK and an explicit basis."""
    order = len(matrix)
    centred = np.eye(order) - 1 / order
    basis = np.linalg.svd(centred)[0][:, : order - 1]
    return np.linalg.eigvalsh(basis.T @ matrix @ basis)


@pytest.mark.parametrize("number", [np.float64, np.complex128])
@pytest.mark.parametrize("order", [2, 3, 4, 17, 60])
def test_the_eigenvalues_are_those_of_the_projected_matrix(order, number) -> None:
    matrix = hermitian(order, seed=order, number=number)
    spectrum = complete(matrix)
    off = np.linalg.norm(spectrum.values - reference(matrix))
    # LAPACK errs too, by about 1e-15.
    assert off <= spectrum.error + 1e-14
    assert spectrum.error < 1e-9
    assert (np.diff(spectrum.values) >= 0).all()


@pytest.mark.parametrize("order", [2, 5, 40])
def test_known_eigenvalues_are_within_the_error(order: int) -> None:
    # A circulant matrix: its eigenvectors, but for the ones, sum to zero.
    ring = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    matrix = np.minimum(ring, order - ring) / order
    known = np.sort(np.fft.fft(matrix[0]).real[1:])
    spectrum = complete(matrix)
    assert np.linalg.norm(spectrum.values - known) <= spectrum.error


@pytest.mark.parametrize("entry", [0.0, 1.0])
def test_of_a_constant_matrix_all_are_zero(entry: float) -> None:
    spectrum = complete(np.full((6, 6), entry))
    assert np.linalg.norm(spectrum.values) <= spectrum.error


def test_equal_eigenvalues_are_all_found() -> None:
    spectrum = complete(np.eye(7) / 2)
    np.testing.assert_allclose(spectrum.values, np.full(6, 0.5), atol=1e-12)


def test_the_values_do_not_depend_on_the_portions() -> None:
    matrix = hermitian(20, seed=3, number=np.complex128)
    np.testing.assert_array_equal(complete(matrix).values, complete(matrix, 1).values)


def test_the_matrix_is_left_as_it_was() -> None:
    matrix = hermitian(5, seed=1, number=np.float64)
    before = matrix.copy()
    complete(matrix)
    np.testing.assert_array_equal(matrix, before)
