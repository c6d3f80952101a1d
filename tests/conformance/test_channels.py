"""What every channel promises, asked of each one in the registry."""

from inspect import isasyncgenfunction, signature
from pathlib import Path

import pytest

from api import channels as package
from api.channels import CHANNELS
from api.relay.channel import Channel


def test_every_channel_file_is_registered() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert files - {"__init__", "channel"} == set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_name_leaves_the_colon_to_the_topic(name: str) -> None:
    assert name.isidentifier()


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_a_channel_is_opened_as_all_are(channel: Channel) -> None:
    assert isasyncgenfunction(channel.open)
    opened, promised = signature(type(channel).open), signature(Channel.open)
    assert opened.parameters.keys() == promised.parameters.keys()
