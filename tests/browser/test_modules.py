"""Modules of the dashboard, asked one by one: numbers, words, places, streams."""

import json
from typing import Any

from playwright.sync_api import Browser, WebSocketRoute

from tests.browser.modules import DASHBOARD, Modules, modules_in
from tests.waiting import wait_until

BIG = 2**53 + 1
DASH = "\N{EN DASH}"


def test_every_module_can_be_read(modules: Modules) -> None:
    names = [
        path.relative_to(DASHBOARD).as_posix()
        for path in sorted(DASHBOARD.rglob("*.js"))
        # What bundles are made from needs more than a browser; main.js begins to ask.
        if not path.name.endswith(".entry.js") and path.name != "main.js"
    ]
    reading = "import('/' + n).then(() => null, (e) => n + ': ' + e)"
    told = modules.page.evaluate(
        f"(ns) => Promise.all(ns.map((n) => {reading}))", names
    )
    assert [each for each in told if each] == []


def test_large_integers_stay_what_they_are(modules: Modules) -> None:
    text = f'{{"cost":{BIG},"small":7,"share":0.1,"least":-{BIG}}}'
    code = f"m.stringify(m.parse('{text}'))"
    assert modules.ask("lib/numbers.js", code) == text
    code = f"typeof m.parse('{BIG}') + typeof m.parse('7') + typeof m.parse('0.5')"
    assert modules.ask("lib/numbers.js", code) == "bigintnumbernumber"


def test_numbers_are_written_for_people(modules: Modules) -> None:
    written = {
        f"amount({BIG}n)": "9,007,199,254,740,993",
        "amount(1234.5)": "1,234.5",
        "amount(null)": DASH,
        "percent(0.034)": "3.40 %",
        "percent(0)": "0.0 %",
        "percent(NaN)": DASH,
        "duration(0.085)": "85 ms",
        "duration(3.2)": "3.2 s",
        "duration(245)": "4:05 min",
        "duration(7800)": "2 h 10 min",
        "bytes(1536)": "1.5 KiB",
        "ago(1000, 91_000)": "1:30 min ago",
    }
    found = {code: modules.ask("lib/format.js", f"m.{code}") for code in written}
    assert found == written


def test_a_duration_never_has_all_of_the_next_unit(modules: Modules) -> None:
    code = "[0.9999, 59.9, 3599.9, 86399.9].map((s) => m.duration(s))"
    written = modules.ask("lib/format.js", code)
    assert not any(each.startswith(("1000", "60", "24 h")) for each in written), written


def test_a_place_is_read_as_it_is_written(modules: Modules) -> None:
    code = "m.parse(m.href('jobs', {id: 'job/1', query: {state: 'a&b', none: ''}}))"
    assert modules.ask("lib/router.js", code) == {
        "view": "jobs",
        "id": "job/1",
        "query": {"state": "a&b"},
    }
    assert modules.ask("lib/router.js", "m.parse('')")["view"] == "desk"


class Relay:
    """Stands for the service's socket, in the page: answers, and hangs up at will."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self._open: WebSocketRoute | None = None

    def take(self, socket: WebSocketRoute) -> None:
        self._open = socket
        socket.on_message(lambda text: self._hear(socket, json.loads(text)))

    def hang_up(self) -> None:
        assert self._open is not None
        self._open.close(code=1012)

    def subscribed(self) -> list[dict[str, Any]]:
        """Return what was asked for the log of the job, each time."""
        return [each for each in self.heard if each.get("topic") == "job:job_1"]

    def _hear(self, socket: WebSocketRoute, frame: dict[str, Any]) -> None:
        self.heard.append(frame)
        if frame["type"] == "init":
            socket.send('{"type":"ready"}')
        if frame.get("topic") == "job:job_1":
            after = frame.get("after", 0)
            for number in range(after + 1, after + 4):
                event = {"type": "job.progress", "sequence": f"{number:012}"}
                told = {"type": "event", "id": frame["id"], "event": event}
                event["epoch"] = "e1"
                socket.send(json.dumps(told))


def test_a_stream_goes_on_where_it_was_cut(browser: Browser) -> None:
    relay = Relay()
    with modules_in(browser) as modules:
        page = modules.page
        page.route_web_socket("**/v1/ws", relay.take)
        modules.ask(
            "lib/live.js",
            """(window.numbers = [], m.follow("job:job_1", {
              onEvent: (event) => numbers.push(Number(event.sequence)) }), null)""",
        )
        wait_until(lambda: page.evaluate("numbers.length") == 3)
        relay.hang_up()
        wait_until(lambda: page.evaluate("numbers.length") == 6)
        assert page.evaluate("numbers") == [1, 2, 3, 4, 5, 6]
    first, second = relay.subscribed()
    assert "after" not in first
    assert (second["after"], second["epoch"]) == (3, "e1")
