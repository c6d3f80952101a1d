"""The catalogue says what the worker offers, and nothing else."""

from db.contracts.catalogue import catalogue
from worker import catalogue as writer
from worker.qap import BOUNDS, METHODS, qaplib


def test_the_catalogue_is_what_the_worker_would_write() -> None:
    assert catalogue().model_dump() == writer.build()


def test_the_catalogue_file_is_up_to_date() -> None:
    assert writer.main(["--check"]) == 0


def test_the_catalogue_has_every_method_bound_and_instance() -> None:
    found = catalogue()
    assert set(found.methods) == set(METHODS)
    assert set(found.bounds) == set(BOUNDS)
    assert set(found.instances) == set(qaplib.names())


def test_an_instance_is_found_by_its_content() -> None:
    for entry in catalogue().instances.values():
        found = catalogue().instance_by_sha256(entry.sha256)
        assert found is not None
        assert found.sha256 == entry.sha256
    assert catalogue().instance_by_sha256("0" * 64) is None


def test_no_lower_bound_lies_above_the_best_known() -> None:
    for entry in catalogue().instances.values():
        assert entry.lower_bound is None or entry.lower_bound <= entry.best_known
