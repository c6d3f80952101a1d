"""A log of several pages, out of the service and into a viewer, to the byte."""

from pathlib import Path

from typer.testing import CliRunner

from api.cli import app
from tests.integration.api.live import LiveApi
from tests.integration.api.story import Story


def test_a_long_log_is_exported_in_two_goes_and_read_again(
    live: LiveApi, story: Story, tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    export = ["events", story.job_id, "--export", str(file), "--url", live.url]
    story.improve(520)
    assert CliRunner().invoke(app, export).exit_code == 0
    assert len(file.read_text().splitlines()) == 522
    story.improve(3).end()
    assert CliRunner().invoke(app, export).exit_code == 0
    assert file.read_text().split("\n") == [*story.bodies(), ""]
    shown = CliRunner().invoke(app, ["events", "--import", str(file)])
    assert shown.exit_code == 0, shown.output
    assert "a whole log" in shown.stdout
    assert f"{story.told} events" in shown.stdout
