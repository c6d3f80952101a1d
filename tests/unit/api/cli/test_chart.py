from api.cli.chart import Line, chart


def dots(text: str) -> int:
    return sum((ord(sign) - 0x2800).bit_count() for sign in text if ord(sign) >= 0x2800)


def plain(*lines: Line, until: float = 10.0, width: int = 30, height: int = 4) -> str:
    rows = chart(lines, until=until, width=width, height=height)
    return "\n".join(row.plain for row in rows)


def test_a_line_falls_in_steps_from_its_first_value_to_its_last() -> None:
    rows = plain(Line("", [(0.0, 100), (5.0, 0)])).splitlines()
    assert rows[0].startswith("100 ")
    assert rows[3].strip().startswith("0 ")
    top, bottom = rows[0][4:], rows[3][4:]
    middle = len(top) // 2
    assert dots(top[: middle - 1]) > 0
    assert dots(top[middle + 1 :]) == 0
    assert dots(bottom[: middle - 1]) == 0
    assert dots(bottom[middle + 1 :]) > 0


def test_it_holds_its_last_value_to_the_right_edge() -> None:
    rows = plain(Line("", [(0.0, 2), (1.0, 1)])).splitlines()
    assert dots(rows[3][-1]) > 0


def test_two_lines_share_one_range() -> None:
    shown = plain(Line("a", [(0.0, 1000)]), Line("b", [(0.0, -5)]))
    rows = shown.splitlines()
    assert rows[0].startswith("1,000 ")
    assert rows[3].strip().startswith("-5 ")
    assert dots(rows[0]) > 0
    assert dots(rows[3]) > 0
    assert rows[4].split() == ["0", "10.0", "s"]


def test_each_line_has_its_colour() -> None:
    lines = [Line("green", [(0.0, 0)]), Line("cyan", [(0.0, 9)])]
    rows = chart(lines, until=1.0, width=20, height=3)
    styles = [{str(span.style) for span in row.spans} for row in rows]
    assert "cyan" in styles[0]
    assert "green" in styles[2]


def test_one_value_alone_is_drawn_too() -> None:
    assert dots(plain(Line("", [(0.0, 7), (3.0, 7)]))) > 0


def test_where_there_is_nothing_to_draw_there_is_no_chart() -> None:
    assert plain() == ""
    assert plain(Line("", [])) == ""
    assert plain(Line("", [(0.0, 1)]), until=0.0) == ""
    assert plain(Line("", [(0.0, 10**40)]), width=8) == ""


def test_moments_beyond_the_edges_stay_within() -> None:
    assert dots(plain(Line("", [(-5.0, 1), (50.0, 2)]))) > 0
