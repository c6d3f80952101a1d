"""What the calculator's and finance's pages compute by themselves."""

import json
from typing import Any

import pytest

from db.contracts.calculations import CALCULATIONS
from tests.browser.modules import Modules

DIGITS = "views/calculate/digits.js"
SURFACE = "views/calculate/surface.js"
LAYOUT = "views/finance/layout.js"
CSV = "views/finance/csv.js"
SCHEMA = "lib/schema.js"


def test_a_range_is_stepped_through_exactly(modules: Modules) -> None:
    code = "((r) => [r.count, r.at(0), r.at(1), r.at(60)])(m.range('-3', '3', '0.1'))"
    # In doubles the sixtieth tenth is 3.0000000000000027.
    assert modules.ask(DIGITS, code) == [61, "-3", "-2.9", "3"]
    code = "((r) => [r.count, r.at(2)])(m.range('1e-20', '5e-20', '2e-20'))"
    assert modules.ask(DIGITS, code) == [3, "0.00000000000000000005"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("a", "1", "1"), "from"),
        (("0", "1", "0"), "step"),
        (("0", "1", "-0.5"), "step"),
        (("0", "1", "1e-9"), "step"),
    ],
)
def test_what_is_no_range_is_told_by_its_field(
    modules: Modules, given: tuple[str, str, str], field: str
) -> None:
    code = f"m.range({', '.join(map(json.dumps, given))}).problem.field"
    assert modules.ask(DIGITS, code) == field


def test_digits_are_grouped(modules: Modules) -> None:
    assert modules.ask(DIGITS, "m.grouped('-1.90844673649e-8')") == {
        "sign": "\N{MINUS SIGN}",
        "whole": "1",
        "groups": ["90844", "67364", "9"],
        "exponent": "-8",
    }


def test_other_variables_are_read(modules: Modules) -> None:
    assert modules.ask(DIGITS, "m.assignments('a = 1/3, n=2')") == {
        "variables": {"a": "1/3", "n": "2"}
    }
    assert "problem" in modules.ask(DIGITS, "m.assignments('a 1')")


def test_the_surface_rounds_to_each_number_of_digits(modules: Modules) -> None:
    rows = '[{"point": "1/2", "value": "0.56789"}, {"point": "1", "value": null}]'
    found = modules.ask(SURFACE, f"m.surface({rows}, 'result')")
    assert found["points"] == [0.5, 1]
    assert [level[0] for level in found["heights"][:4]] == [0.6, 0.57, 0.568, 0.5679]
    assert found["heights"][14][1] is None
    assert modules.ask(SURFACE, "m.halfUnit(123, 2)") == 5
    assert modules.ask(SURFACE, "m.cube(-4, 15)")["size"] == pytest.approx(0.9)


def test_the_profile_crosses_zero_at_the_internal_rates(modules: Modules) -> None:
    # Of -100, 230, -132 they are 10 % and 20 %.
    found = modules.ask(LAYOUT, "m.profile([-100, 230, -132]).crossings")
    assert found == pytest.approx([0.1, 0.2])
    value = modules.ask(LAYOUT, "m.presentValue([-500, 100, 200, 300], 0.1)")
    assert value == pytest.approx(-500 + 100 / 1.1 + 200 / 1.21 + 300 / 1.331)


def test_bars_stand_on_zero(modules: Modules) -> None:
    code = "m.columns([-500, 100, 180], {width: 300, height: 200})"
    found = modules.ask(LAYOUT, f"((d) => ({{...d, zero: d.y(0), y: null}}))({code})")
    zero = found["zero"]
    for bar in found["bars"]:
        edge = bar["y"] if bar["value"] < 0 else bar["y"] + bar["height"]
        assert edge == pytest.approx(zero)
    heights = [bar["height"] for bar in found["bars"]]
    assert heights[0] / heights[1] == pytest.approx(5)


def test_ticks_are_round_and_never_minus_zero(modules: Modules) -> None:
    assert modules.ask(LAYOUT, "m.ticks(-40, 60, 5)") == [-40, -20, 0, 20, 40, 60]
    assert not modules.ask(LAYOUT, "m.ticks(-40, 60).some((t) => Object.is(t, -0))")


def test_a_tornado_reaches_from_the_base_to_each_end(modules: Modules) -> None:
    bars = '[{"at_low": 10, "at_high": 30}, {"at_low": null, "at_high": 25}]'
    code = f"m.tornado({bars}, 20, {{width: 100, rowHeight: 30}})"
    found = modules.ask(LAYOUT, f"((d) => ({{base: d.base, rows: d.rows}}))({code})")
    wide, narrow = found["rows"]
    assert wide["low"]["x"] + wide["low"]["width"] == pytest.approx(found["base"])
    assert wide["high"]["x"] == pytest.approx(found["base"])
    assert narrow["low"] is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("100,120\n140", {"numbers": [100, 120, 140], "dates": None}),
        (
            "day;amount\n2026-01-01;-1000\n2026-07-01;500.5",
            {"numbers": [-1000, 500.5], "dates": ["2026-01-01", "2026-07-01"]},
        ),
    ],
)
def test_flows_come_out_of_files(modules: Modules, text: str, found: Any) -> None:
    assert modules.ask(CSV, f"m.flowsOf({json.dumps(text)})") == found


def test_a_file_without_numbers_is_refused(modules: Modules) -> None:
    assert "problem" in modules.ask(CSV, "m.flowsOf('none, here')")


def test_cells_that_would_run_are_disarmed(modules: Modules) -> None:
    code = "m.table([{name: '=1+1', value: -5}, {name: 'a,b', value: null}])"
    assert modules.ask(CSV, code) == 'name,value\n\'=1+1,-5\n"a,b",'


def test_forms_send_what_their_examples_say(modules: Modules) -> None:
    # Of every calculation: from the example to texts, and back.
    for name, calculation in CALCULATIONS.items():
        schema = json.dumps(calculation.parameters.model_json_schema())
        example = json.dumps(dict(calculation.example))
        code = (
            f"((root, example) => {{ const problems = []; "
            f"const form = m.toForm(root, example, root); "
            f"const sent = m.toData(root, form, root, problems); "
            f"return {{ sent, problems }}; }})({schema}, {example})"
        )
        found = modules.ask(SCHEMA, code)
        assert found["problems"] == [], name
        sent = calculation.parameters.model_validate(found["sent"])
        assert sent == calculation.parameters.model_validate(calculation.example), name


def test_wrong_numbers_are_told_by_their_place(modules: Modules) -> None:
    schema = {
        "properties": {
            "rate": {"type": "number"},
            "flows": {"type": "array", "items": {"type": "number"}},
        }
    }
    code = (
        "((root) => { const problems = []; m.toData({...root, type: 'object'}, "
        "{rate: 'ten', flows: '1, x'}, root, problems); "
        f"return problems.map((p) => p.pointer); }})({json.dumps(schema)})"
    )
    assert modules.ask(SCHEMA, code) == ["/rate", "/flows"]
    code = "((problems) => m.toData({type: 'number'}, '12.5 %', {}, problems))([])"
    assert modules.ask(SCHEMA, code) == 0.125
