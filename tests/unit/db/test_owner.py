"""A process is known by its host, its number and when it began."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db import owner
from tests.waiting import wait_until

ME = owner.this_process("here")


def test_a_process_keeps_its_name() -> None:
    assert owner.this_process("here") == ME
    assert ME.startswith(f"{owner.place('here')}:{os.getpid()}:")


def test_a_living_process_is_not_dead() -> None:
    assert not owner.is_known_dead(ME, "here")


def test_of_other_hosts_nothing_is_known() -> None:
    host, pid, _ = ME.split(":")
    assert not owner.is_known_dead(f"{host}:{pid}:1", "there")


def test_of_another_with_the_same_name_nothing_is_known() -> None:
    """As of two machines made from one image, which number processes alike."""
    _, pid, _ = ME.split(":")
    for elsewhere in ("here", "here/00000000"):
        assert not owner.is_known_dead(f"{elsewhere}:{pid}:1", "here")


def test_a_reused_number_is_another_process() -> None:
    host, pid, _ = ME.split(":")
    assert owner.is_known_dead(f"{host}:{pid}:1", "here")


def test_a_host_may_have_colons_in_its_name() -> None:
    mine = owner.this_process("fe80::1")
    assert not owner.is_known_dead(mine, "fe80::1")
    assert owner.is_known_dead(mine.rpartition(":")[0] + ":1", "fe80::1")


@pytest.mark.parametrize("name", ["", "here", "here:1", "here:x:1", "here:-1:1"])
def test_what_is_no_owner_is_not_known_to_be_dead(name: str) -> None:
    assert not owner.is_known_dead(name, "here")


def test_an_ended_process_is_dead_before_anyone_has_waited_for_it() -> None:
    code = "import sys; from db import owner; print(owner.this_process('here'))"
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; sys.stdout.flush(); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert not owner.is_known_dead(name, "here")
        process.kill()
        # Not waited for: it stays in the table, as a zombie.
        wait_until(lambda: owner.is_known_dead(name, "here"))
    assert owner.is_known_dead(name, "here")


def test_setting_the_clock_makes_no_owner_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if sys.platform != "linux":
        pytest.skip("elsewhere the time of day is all there is")
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: 0.0)
    assert not owner.is_known_dead(ME, "here")
