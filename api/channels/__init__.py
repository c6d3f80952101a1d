"""The registry of channels. A topic is ``name:subject``, or a name that takes none."""

from api.channels.family import FamilyChannel
from api.channels.job import JobChannel
from api.channels.jobs import JobsChannel
from api.channels.kept import KeptChannel
from api.relay.channel import Channel
from db.contracts.channel import ChannelName

OF_CHANNELS: dict[ChannelName, str] = {
    ChannelName.CALCULATIONS: "Calculations, as they proceed and end.",
    ChannelName.MARKET_DATA: "Rates and an index, every 10 s.",
    ChannelName.NOTIFICATIONS: "What a person may want to know.",
    ChannelName.SYSTEM: "How the service is, every 10 s.",
    ChannelName.PROVIDERS: "Providers that go down and come back.",
    ChannelName.ALERTS: "Alerts that are raised and resolved.",
    ChannelName.LOGS: "What is logged of providers.",
    ChannelName.METRICS: "The service's numbers, every 2 s.",
    ChannelName.INSIGHTS: "Findings about jobs and methods.",
    ChannelName.QUEUES: "What waits and runs, when it changes.",
}

CHANNELS: dict[str, Channel] = {
    "job": JobChannel(),
    "batch": FamilyChannel("batch", "One batch, up to its end."),
    "benchmark": FamilyChannel("benchmark", "One benchmark, up to its end."),
    "jobs": JobsChannel(),
    **{name.value: KeptChannel(name, text) for name, text in OF_CHANNELS.items()},
}
