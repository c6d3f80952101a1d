"""What people come for, from the first click to what they wanted."""

import mpmath
from playwright.sync_api import expect

from tests.acceptance.conftest import Service
from tests.browser.screen import Screen
from tests.browser.seeded import PROMPT, History, Past
from tests.browser.tabs import TABS
from tests.fleet import DOWN, HEALTHY, Fleet


def test_a_provider_that_goes_down_is_told_of_on_the_desk(
    screen: Screen, service: Service, providers: Fleet
) -> None:
    past = Past(service)
    url = providers.script("ledger", HEALTHY)
    past.post(
        "/v1/providers",
        {
            "name": "Ledger",
            "category": "journey",
            "url": url,
            "expectation": PROMPT,
            "every_s": 1,
        },
    )
    past.post(
        "/v1/alert-rules",
        {
            "name": "the ledger is shut",
            "kind": "state",
            "states": ["offline"],
            "category": "journey",
            "severity": "critical",
        },
    )
    screen.show("#/desk", TABS["desk"].heading)
    screen.settle()
    told = screen.page.get_by_role("listitem").filter(has_text="the ledger is shut")
    expect(told).to_have_count(0)
    providers.script("ledger", DOWN)
    # Nobody reloads the page.
    expect(told).to_be_visible()
    told.get_by_role("button", name="Acknowledge").click()
    expect(told).to_contain_text("seen by")
    providers.script("ledger", HEALTHY)
    expect(told).to_have_count(0)
    past.close()


def test_a_value_is_calculated_and_every_digit_is_right(screen: Screen) -> None:
    tab = TABS["calculate"]
    screen.show(tab.place, tab.heading)
    screen.field("Input x").fill("1/3")
    screen.press("Calculate")
    with mpmath.workdps(30):
        x = mpmath.mpf(1) / 3
        value = mpmath.nstr(mpmath.sin(x) * mpmath.exp(-(x**2) / 2), 15)
    result = screen.page.get_by_role("region", name="Result")
    expect(result).to_contain_text(value)
    expect(result).to_contain_text("correctly rounded")
    # What was asked is in the address: whoever gets the link sees the same question.
    screen.page.reload()
    expect(screen.field("Input x")).to_have_value("1/3")


def test_an_investment_is_judged(screen: Screen) -> None:
    screen.show("#/finance?tab=calculate", "Finance")
    screen.settle()
    screen.field("Cash flows").fill("100000, 120000, 140000")
    screen.field("Discount rate").fill("8 %")
    screen.field("Initial investment").fill("300000")
    screen.button("Calculate").click()
    flows = (-300_000, 100_000, 120_000, 140_000)
    worth = sum(flow / 1.08**year for year, flow in enumerate(flows))
    result = screen.page.get_by_role("region", name="result")
    expect(result).to_contain_text(f"{worth:,.2f}")
    # What is wrong is said beside the field, and nothing of the form is lost.
    screen.field("Initial investment").fill("much")
    screen.button("Calculate").click()
    screen.sees("is not a number")
    expect(screen.field("Cash flows")).to_have_value("100000, 120000, 140000")


def test_what_drives_an_investment_is_drawn(screen: Screen) -> None:
    screen.show("#/finance?tab=calculate&calculation=sensitivity", "Finance")
    screen.settle()
    screen.button("Calculate").click()
    expect(screen.page.get_by_role("img", name="ornado")).to_be_visible()


def test_a_solve_is_sent_and_seen_to_its_end(screen: Screen) -> None:
    screen.show(TABS["solve"].place, TABS["solve"].heading)
    screen.field("Search").fill("nug12")
    screen.page.get_by_role("radio", name="nug12").check()
    screen.field("Seconds").fill("3")
    screen.field("Iterations").fill("20000")
    screen.press("Solve")
    run = screen.page.get_by_role("region", name="Run")
    expect(run).to_contain_text("succeeded")
    # The proven optimum, found and drawn; what was told of the way is in the chart.
    expect(run).to_contain_text("578")
    expect(run.get_by_role("img", name="Objective and bound")).to_be_visible()
    permutation = run.get_by_label("Permutation").inner_text()
    assert sorted(map(int, permutation.split())) == list(range(12))
    # The address leads back to it, also after a reload.
    screen.page.reload()
    expect(run).to_contain_text("578")


def test_methods_are_compared(screen: Screen) -> None:
    screen.show("#/benchmarks?new=1", TABS["benchmarks"].heading)
    instances = screen.page.get_by_role("group", name="Instances")
    methods = screen.page.get_by_role("group", name="Methods")
    screen.press("None")
    instances.get_by_role("searchbox").fill("nug12")
    instances.get_by_role("checkbox", name="nug12").check()
    expect(methods.get_by_role("checkbox").first).to_be_visible()
    while (chosen := methods.get_by_role("checkbox", checked=True)).count():
        chosen.first.uncheck()
    for name in ("Robust taboo search", "Genetic algorithm"):
        methods.get_by_role("checkbox", name=name).check()
    screen.field("Seeds").fill("1-2")
    screen.field("Iterations a run").fill("200")
    screen.press("Start")
    screen.sees("4 of 4")
    for picture in ("Performance profile", "Gap by method"):
        drawn = screen.page.get_by_role("img", name=picture).first
        expect(drawn).to_be_visible()


def test_a_delivery_is_sent_again(screen: Screen, history: History) -> None:
    screen.show(f"#/webhooks/{history.webhook}", "Webhook")
    deliveries = screen.page.get_by_role("group", name="Deliveries")
    deliveries.get_by_role("link", name="msg_").first.click()
    attempts = screen.page.get_by_role("region", name="Attempts")
    expect(attempts.get_by_role("listitem")).to_have_count(1)
    screen.press("Send again")
    expect(attempts.get_by_role("listitem")).to_have_count(2)
    expect(attempts.get_by_role("listitem").first).to_contain_text("by resend")
    expect(attempts.get_by_role("listitem").first).to_contain_text("204")


def test_who_is_down_is_among_those_watched(screen: Screen, history: History) -> None:
    screen.show("#/providers?tab=inventory&state=offline", TABS["providers"].heading)
    row = screen.page.get_by_role("row").filter(has_text="Exchange")
    expect(row).to_contain_text("offline")
    row.get_by_role("link", name="Exchange").click()
    expect(screen.heading("Exchange")).to_be_visible()
    assert history.down in screen.page.url


def test_a_run_is_looked_at_and_reproduced(screen: Screen, history: History) -> None:
    screen.show(f"#/jobs/{history.solve}", TABS["run"].heading)
    expect(
        screen.page.get_by_role("status").filter(has_text="succeeded")
    ).to_be_visible()
    parts = screen.page.get_by_role("navigation", name="Parts of the run")
    for part in ("Events", "Layout", "Certificate"):
        parts.get_by_role("link", name=part).click()
        screen.settle()
    screen.press("Reproduce")
    screen.sees("Reproduced: the runs match.")
    assert history.solve not in screen.page.url
    screen.press("Change and rerun")
    expect(screen.heading("Solve")).to_be_visible()
    expect(screen.page.get_by_text("Chosen: nug20")).to_be_visible()
    screen.field("Seed").fill("8")
    screen.page.get_by_role("button", name="Solve", exact=True).click()
    run = screen.page.get_by_role("status").filter(has_text="succeeded")
    expect(run.first).to_be_visible()
