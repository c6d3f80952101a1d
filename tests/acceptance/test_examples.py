"""Every example runs, as it stands, against a running service."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from api.client import Client
from api.stack import PartName, Stack
from db.contracts.settings import Settings
from tests.acceptance.conftest import PARTS, ROOT
from tests.browser.chromium import chromium, find_chromium
from tests.servers.ports import free_port
from tests.waiting import wait_until

EXAMPLES = ROOT / "examples"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
SECONDS = 120.0
# What each of them has to say: something that it cannot know without the service.
SAYS = {
    "facility_layout.py": r"like this +\d+\.\d km a day, (and no|nothing|at most)",
    "keyboard_layout.py": r"found +\d+\.\d #+",
    "wiring.py": r"wire \d+; the shortest known is 9526; (time_limit|optimal)",
    "seating.py": r"quarrels \d of 7 side by side[^$]*cost -\d+",
    "npv_watch.py": r"NPV +-?[\d,]+\.\d\d",
    "socket_client.py": r"-- all that is behind event 3:\n[^$]*none missing",
}
APART = {"webhook_receiver.py"}


@pytest.fixture(scope="module")
def page_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, page_port: int) -> Iterator[Stack]:
    settings = Settings(
        home=tmp_path_factory.mktemp("examples"),
        api_port=0,
        worker_processes=2,
        shutdown_seconds=4,
        webhook_allow_cidrs="127.0.0.0/8",
        cors_origins=f"http://127.0.0.1:{page_port}",
        rate_limits="off",
    )
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / ".solvequeue" / "kernels"))
    with Stack(
        settings,
        parts=(*PARTS, PartName.BEAT),
        environment={"NUMBA_CACHE_DIR": kernels},
    ) as running:
        yield running


@contextmanager
def example(name: str, *words: str, **environment: str) -> Iterator[Path]:
    """Run an example until the block ends; yield the file that has what it says."""
    said = Path(environment.pop("folder")) / f"{name}.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, str(EXAMPLES / name), *words],
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        try:
            yield said
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("name", SAYS)
def test_an_example_says_what_it_is_to_show(
    name: str, stack: Stack, tmp_path: Path
) -> None:
    said = subprocess.run(
        [sys.executable, str(EXAMPLES / name), stack.api_url],
        capture_output=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
            "EXAMPLE_SECONDS": "0.5",
            "EXAMPLE_TICKS": "1",
        },
        timeout=SECONDS,
        check=False,
    )
    text = said.stdout.decode()
    assert said.returncode == 0, text + said.stderr.decode()
    assert re.search(SAYS[name], text), text


def test_the_receiver_shows_what_is_signed_and_nothing_else(
    stack: Stack, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"

    def is_listening() -> bool:
        try:
            return httpx2.get(url).status_code == 501
        except httpx2.TransportError:
            return False

    name = "webhook_receiver.py"
    with example(name, str(port), SECRET, folder=str(tmp_path)) as said:
        wait_until(is_listening, seconds=SECONDS)
        forged = {
            "webhook-id": "msg_1",
            "webhook-timestamp": "1",
            "webhook-signature": "v1,forged",
        }
        assert httpx2.post(url, json={"type": "forged"}, headers=forged).is_error
        with Client(stack.api_url) as client:
            job = client.submit_solve(
                "nug12",
                limits={"iterations": 1000},
                webhook_url=url,
                webhook_secret=SECRET,
            )
        wait_until(lambda: job.id in said.read_text(), seconds=SECONDS)
        assert "job.succeeded" in said.read_text()
        assert "'forged'" not in said.read_text()


def test_the_receiver_has_twenty_lines() -> None:
    text = (EXAMPLES / "webhook_receiver.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 20


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}/"
        server.shutdown()
        thread.join()


def test_the_page_solves_and_shows_it(stack: Stack, page_port: int) -> None:
    path = find_chromium()
    if path is None:
        pytest.skip("NOT TESTED IN A BROWSER: no Chromium here")
    with (
        served(EXAMPLES / "page", page_port) as url,
        chromium(path) as browser,
    ):
        page = browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{url}?api={stack.api_url}")
        page.fill("[name=seconds]", "0.5")
        page.click("button")
        done = re.compile(r"^job_\w+ succeeded: (time_limit|optimal)\.$")
        state = page.locator("#state")
        expect(state).to_have_text(done, timeout=1000 * SECONDS)
        shown = page.locator("#objective")
        expect(shown).to_have_text(
            re.compile(r"^\d+, \d+\.\d\d % above the best known$")
        )
        assert page.locator("polyline").get_attribute("points")
        # A refusal is shown with the way out.
        page.fill("[name=instance]", "nug31")
        page.click("button")
        expect(state).to_have_text(re.compile("Not sent: .*nug30"))
        assert faults == []


def test_every_example_is_run_and_told_of() -> None:
    names = {path.name for path in EXAMPLES.glob("*.py")}
    assert names == {*SAYS, *APART}
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    links = set(re.findall(r"\]\(([\w/.]+)\)", table))
    assert {*names, "page/index.html"} <= links
    for link in links:
        assert (EXAMPLES / link).exists(), link
