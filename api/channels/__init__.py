"""The registry of channels: one file and one line each. A topic is ``name:subject``."""

from api.channels.job import JobChannel
from api.relay.channel import Channel

CHANNELS: dict[str, Channel] = {
    "job": JobChannel(),
}
