"""What the views of solves, jobs and benchmarks compute: texts, plans, statistics."""

import pytest

from tests.browser.modules import Modules

READ = "views/solve/read_text.js"
REQUEST = "views/solve/request.js"
FILTERS = "views/jobs/filters.js"
ROWS = "views/jobs/rows.js"
STATISTICS = "views/benchmarks/statistics.js"
PLAN = "views/benchmarks/plan.js"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"2\n0 3\n3 0\n0 5\n5 0", "QAPLIB, n = 2, symmetric, integers, 50 % zeros"),
        ("2 0 3 3 0 0 5 5 0", "QAPLIB, n = 2, symmetric, integers, 50 % zeros"),
        (r"0,1\n2,0\n\n0,5\n5,0", "CSV, n = 2, not symmetric, integers, 50 % zeros"),
        (r"0,1\n1,0\n0,5\n5,0", "CSV, n = 2, symmetric, integers, 50 % zeros"),
        (
            r"4;1.5\n2;0",
            "CSV, linear assignment, n = 2, not symmetric, fractions, 25 % zeros",
        ),
        (
            '{"flow":[[0,1],[1,0]],"distance":[[0,2],[2,0]],"linear":[[1,1],[1,1]]}',
            "JSON, with a linear term, n = 2, symmetric, integers, 33 % zeros",
        ),
    ],
)
def test_a_text_is_recognised(modules: Modules, text: str, words: str) -> None:
    assert modules.ask(READ, f"m.describe(m.readText('{text}'))") == words


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (r"2\n0 3\n3 x\n0 5\n5 0", [3, 3]),
        (r"2\n0 3\n3 0\n0 5", [4, 3]),
        (r"1,2\n3", [2, 1]),
        (r'{"flow": [[0,\n 1,]]}', None),
    ],
)
def test_what_cannot_be_read_says_where(
    modules: Modules, text: str, place: list[int] | None
) -> None:
    code = f"(() => {{ try {{ m.readText('{text}'); return 'read'; }} "
    code += (
        "catch (e) { return e.name === 'Unreadable' ? [e.line, e.column] : 'x'; } })()"
    )
    found = modules.ask(READ, code)
    assert found not in ("read", "x")
    assert place is None or found == place


def test_large_integers_of_a_text_stay_exact(modules: Modules) -> None:
    code = "m.readText('1,9007199254740993\\n3,4').instance.costs[0].map(String)"
    assert modules.ask(READ, code) == ["1", "9007199254740993"]


def test_a_form_is_the_request_it_means(modules: Modules) -> None:
    form = "{...m.BLANK, method: 'memetic', parameters: {'memetic.population': '20', "
    form += "'breakout.jump': '1'}, seed: '7', stall_s: 'soon', cache: false}"
    methods = "[{name: 'memetic', parameters: [{name: 'population'}]}]"
    assert modules.ask(REQUEST, f"m.bodyOf({form}, null, {methods})") == {
        "instance": {"name": "nug30"},
        "method": "memetic",
        "parameters": {"population": 20},
        "seed": 7,
        # What is no number is the service's to refuse, in its words.
        "limits": {"time_s": 10, "stall_s": "soon"},
        "cache": False,
    }


def test_a_request_is_written_for_shells_and_python(modules: Modules) -> None:
    quoted = "m.asCurl({webhook_url: \"https://x/it's\"}, 'http://h/p/')"
    written = modules.ask(REQUEST, quoted)
    assert "http://h/p/v1/jobs" in written
    assert r"https://x/it'\''s" in written
    code = "m.asPython({instance: {name: 'nug12'}, seed: 1, cache: false}, 'http://h/')"
    program = modules.ask(REQUEST, code)
    compile(program, "request.py", "exec")
    assert "cache=False" in program


def test_the_address_says_what_is_listed(modules: Modules) -> None:
    query = "{state: 'running,nonsense', instance: 'nug12', since: '1h'}"
    code = f"m.listQuery({query}, new Map([['nug12', 'ab']]), 7_260_000)"
    found = modules.ask(FILTERS, code)
    assert found["state"] == ["running"]
    assert found["instance"] == "ab"
    assert found["created_after"] == "1970-01-01T01:01:00.000Z"
    assert modules.ask(FILTERS, "m.listQuery({instance: 'x'}, new Map(), 0)") is None


def test_a_row_is_renewed_by_events_and_never_undone(modules: Modules) -> None:
    event = "{subject: 'a', type: 'job.incumbent', time: 't', data: {objective: 5}}"
    kept = f"m.keepEvent(new Map(), {event}).get('a')"
    code = f"m.rowOf({{id: 'a', state: 'running'}}, {kept})"
    assert modules.ask(ROWS, code)["objective"] == 5
    late = "m.rowOf({id: 'a', state: 'succeeded'}, {state: 'running'}).state"
    assert modules.ask(ROWS, late) == "succeeded"


def test_distributions_are_those_of_their_values(modules: Modules) -> None:
    assert modules.ask(STATISTICS, "m.median([3, 1, 2, 10])") == 2.5
    assert modules.ask(STATISTICS, "m.box([1, 2, 3, 4, 100]).outside") == [100]
    assert modules.ask(STATISTICS, "m.ecdf([1, 1, 3], 4)") == [[1, 0.5], [3, 0.75]]
    joined = "m.onOneAxis([[[1, 0.5], [3, 1]], [[2, 1]]], {first: 0})"
    assert modules.ask(STATISTICS, joined) == [
        [0, 1, 2, 3],
        [0, 0.5, 0.5, 1],
        [0, 0, 1, 1],
    ]


def test_equals_share_a_win_and_partial_instances_do_not_count(
    modules: Modules,
) -> None:
    cell = "(instance, contender, median_gap) => ({instance, contender, median_gap})"
    code = f"(() => {{ const c = {cell}; return m.winRates(["
    code += "c('a', 'x', 0), c('a', 'y', 0), c('b', 'x', 0.1),"
    code += "c('b', 'y', 0.2), c('d', 'x', 0)], ['x', 'y']); })()"
    found = modules.ask(STATISTICS, code)
    assert [(each["wins"], each["of"]) for each in found] == [(1.5, 2), (0.5, 2)]


def test_a_plan_knows_its_cost(modules: Modules) -> None:
    assert modules.ask(PLAN, "m.seedsOf('1-3, 9')") == [1, 2, 3, 9]
    assert modules.ask(PLAN, "m.seedsOf('a')") is None
    form = "{...m.BLANK, instances: ['a', 'b'], seeds: '1-5', time_s: '2'}"
    assert modules.ask(PLAN, f"m.costOf({form})") == {"runs": 20, "seconds": 40}
