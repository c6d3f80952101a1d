"""Instances are stored once, by content."""

import threading

import numpy as np
import pytest

from db.contracts.errors import NotFoundError
from db.engine import Database
from db.instance_codec import Matrices
from db.repositories import instances

FLOW = np.array([[0, 3], [1, 0]])
DISTANCE = np.array([[0, 5], [2, 0]])


def put(database: Database, matrices: Matrices, name: str | None = None) -> str:
    with database.transaction() as connection:
        return instances.put_instance(connection, instances.pack(matrices, name=name))


def count(database: Database) -> int:
    with database.reading() as connection:
        return instances.count_instances(connection)


def test_what_was_stored_comes_back(database: Database) -> None:
    linear = np.array([[0.5, -1.0], [2.0, 1e300]])
    digest = put(database, Matrices(FLOW * 0.5, DISTANCE * 0.1, linear))
    with database.reading() as connection:
        found = instances.load_matrices(connection, digest)
    np.testing.assert_array_equal(found.flow, FLOW * 0.5)
    np.testing.assert_array_equal(found.distance, DISTANCE * 0.1)
    np.testing.assert_array_equal(found.linear, linear)


def test_the_same_content_is_stored_once(database: Database) -> None:
    first = put(database, Matrices(FLOW, DISTANCE), "first")
    second = put(database, Matrices(FLOW.copy(), DISTANCE.copy()), "second")
    assert first == second
    assert count(database) == 1
    with database.reading() as connection:
        assert instances.get_instance(connection, first).name == "first"


def test_another_content_is_stored_beside_it(database: Database) -> None:
    put(database, Matrices(FLOW, DISTANCE))
    put(database, Matrices(DISTANCE, FLOW))
    put(database, Matrices(FLOW * 1.0, DISTANCE * 1.0))
    assert count(database) == 3


def test_many_may_store_the_same_content_at_once(database: Database) -> None:
    together = threading.Barrier(4)
    got: list[str] = []

    def store() -> None:
        together.wait(30)
        got.append(put(database, Matrices(FLOW, DISTANCE)))

    threads = [threading.Thread(target=store) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert len(set(got)) == 1
    assert count(database) == 1


def test_what_is_known_of_an_instance_is_told(database: Database) -> None:
    digest = put(database, Matrices(FLOW * 0, DISTANCE, FLOW), "named")
    with database.reading() as connection:
        known = instances.get_instance(connection, digest)
    assert (known.name, known.matrix_order, known.exact, known.linear) == (
        "named",
        2,
        True,
        True,
    )


def test_a_listing_is_short_and_newest_first(database: Database) -> None:
    digests = [put(database, Matrices(FLOW + n, DISTANCE)) for n in range(3)]
    with database.reading() as connection:
        found = instances.list_instances(connection, limit=2)
    made = [instance.created_at for instance in found]
    assert made == sorted(made, reverse=True)
    assert {instance.sha256 for instance in found} < set(digests)


@pytest.mark.parametrize("find", [instances.get_instance, instances.load_matrices])
def test_an_unknown_instance_is_not_found(database: Database, find: object) -> None:
    assert callable(find)
    with pytest.raises(NotFoundError), database.reading() as connection:
        find(connection, "0" * 64)
