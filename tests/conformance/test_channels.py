"""What every channel promises, asked of each one in the registry."""

from inspect import iscoroutinefunction, signature

import pytest

from api.channels import CHANNELS, OF_CHANNELS
from api.relay.channel import Channel
from api.relay.subscription import topics
from api.schemas.socket import Subscribe
from db.contracts.channel import ChannelName


def test_every_channel_of_the_service_is_registered() -> None:
    assert set(OF_CHANNELS) == set(ChannelName)
    assert set(ChannelName) < set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_name_leaves_the_colon_to_the_topic(name: str) -> None:
    assert name.isidentifier()


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_a_channel_is_followed_as_all_are(channel: Channel) -> None:
    assert iscoroutinefunction(channel.follow)
    following, promised = signature(type(channel).follow), signature(Channel.follow)
    assert following.parameters.keys() == promised.parameters.keys()
    assert channel.summary.endswith(".")


@pytest.mark.parametrize("topic", topics(CHANNELS))
def test_a_topic_can_be_wished_for(topic: str) -> None:
    wish = Subscribe(id="a", topic=topic.replace("{id}", "job_1"))
    assert wish.topic.partition(":")[0] in CHANNELS
