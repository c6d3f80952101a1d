"""The synchronous client is what is made of the asynchronous one, and nothing else."""

from api import sync_client


def test_nobody_has_written_the_synchronous_client_by_hand() -> None:
    wanted = sync_client.render()
    found = {file: file.read_text("utf-8") for file in sync_client.TARGET.glob("*.py")}
    assert found == wanted, "run `make client`"


def test_nothing_asynchronous_is_left_in_it() -> None:
    words = ("async ", "await ", "anyio", "Async")
    for file in sync_client.TARGET.glob("*.py"):
        code = file.read_text("utf-8").split("\n", 1)[1]
        assert not [word for word in words if word in code], file.name
