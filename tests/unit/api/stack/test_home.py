import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.stack import AlreadyUpError
from api.stack.home import HomeLock, flower_password
from db.contracts.settings import Settings


def test_a_second_stack_is_told_of_the_first(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path).acquire()
    lock.tell(pid=4711, url="http://127.0.0.1:8000")
    with pytest.raises(AlreadyUpError, match="4711") as raised:
        HomeLock(tmp_path).acquire()
    assert raised.value.url == "http://127.0.0.1:8000"
    lock.release()


def test_a_home_is_free_after_its_stack(tmp_path: Path) -> None:
    HomeLock(tmp_path).acquire().release()
    HomeLock(tmp_path).acquire().release()


def test_a_stack_that_still_starts_is_one_too(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path).acquire()
    with pytest.raises(AlreadyUpError, match="still starting"):
        HomeLock(tmp_path).acquire()
    lock.release()


def test_the_password_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    made = flower_password(settings)
    assert len(made) >= 16
    assert flower_password(settings) == made
    assert stat.S_IMODE((tmp_path / "flower-password").stat().st_mode) == 0o600


def test_a_password_that_was_set_is_not_written_down(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, flower_password=SecretStr("open"))
    assert flower_password(settings) == "open"
    assert not (tmp_path / "flower-password").exists()
