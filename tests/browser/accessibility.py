"""What axe-core finds on a page."""

from importlib.resources import files
from typing import Any

from tests.browser.screen import Screen

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
ASK = """
async (rules) => {
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    ...(rules ? { runOnly: { type: "rule", values: rules } } : {}),
  });
  return violations.map(({ id, help, nodes }) => ({
    id, help, where: nodes.map((node) => `${node.html} | ${node.failureSummary}`),
  }));
}
"""


OF_COLOURS = ("color-contrast", "link-in-text-block")


def violations(screen: Screen, *rules: str) -> list[dict[str, Any]]:
    """Return what keeps people out of the page as it is, by all rules or by these."""
    if not screen.page.evaluate("'axe' in window"):
        screen.page.evaluate(AXE)
    found: list[dict[str, Any]] = screen.page.evaluate(ASK, list(rules) or None)
    return found
