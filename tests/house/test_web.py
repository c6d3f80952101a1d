"""What the pages are made of: small files, ours or kept ones, and nothing outside."""

import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "api" / "web"
DASHBOARD = WEB / "dashboard"
VENDOR = DASHBOARD / "vendor"
REGISTRY = DASHBOARD / "views" / "registry.js"
MAX_LINES = 400
FIRST_LOAD_BYTES = 80_000
"""Of JavaScript, compressed: what has to come before anything can be drawn."""
SERVED = {".html", ".js", ".css", ".svg", ".json"}
HARMLESS = (
    "http://www.w3.org/1998/",
    "http://www.w3.org/1999/",
    "http://www.w3.org/2000/",
    "https://example.com",
)
"""Names of kinds of XML, and what stands for an address of one's own."""
ADDRESS = re.compile(r"(?:https?|wss?)://\w[^\s\"'`)<>\\]+")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
STATIC = re.compile(
    r"""^\s*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*["']([^"']+)["']""", re.MULTILINE
)
DYNAMIC = re.compile(r"""\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)""")
# Where the page puts the folder that it is served from.
FOLDER = "{files}/"


def named(path: Path) -> str:
    return str(path.relative_to(WEB))


FILES = sorted(
    path
    for path in WEB.rglob("*")
    # What bundles are made from is not served.
    if path.suffix in SERVED and not path.name.endswith(".entry.js")
)
OURS = [
    path
    for path in FILES
    if path.suffix in {".js", ".css"} and VENDOR not in path.parents
]
MODULES = [path for path in OURS if path.suffix == ".js" and DASHBOARD in path.parents]
PAGES = [path for path in FILES if path.suffix == ".html" and path.parent == DASHBOARD]
VENDORED = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))


class Tags(HTMLParser):
    """Gathers the tags of a page, and what stands inside of scripts and styles."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inline: list[str] = []
        self._inside = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in {"script", "style"} and data.strip():
            self.inline.append(data.strip())


def imports(path: Path, pattern: re.Pattern[str]) -> set[Path]:
    """Return what a module imports, as files that may not be there."""
    names = pattern.findall(path.read_text(encoding="utf-8"))
    assert all(name.startswith(".") for name in names), names
    return {(path.parent / name).resolve() for name in names}


def reached(path: Path, *patterns: re.Pattern[str]) -> set[Path]:
    """Return a module and all that it needs, and what those need."""
    found, todo = set[Path](), {path.resolve()}
    while todo:
        module = todo.pop()
        found.add(module)
        for pattern in patterns:
            todo |= imports(module, pattern) - found
    return found


def entries() -> set[Path]:
    """Return the scripts that the dashboard's page names."""
    scripts = (
        told.get("src", "")
        for tag, told in Tags(DASHBOARD / "index.html").tags
        if tag == "script"
    )
    return {(DASHBOARD / name.removeprefix(FOLDER)).resolve() for name in scripts}


@pytest.mark.parametrize("path", OURS, ids=named)
def test_a_file_fits_on_a_few_screens(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_file_knows_a_place_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    # Who made it, and by which licence it may be used, has to be said there.
    for comment in COMMENT.findall(text):
        if re.search("licen[cs]e", comment, re.IGNORECASE):
            text = text.replace(comment, "")
    addresses = [
        each for each in ADDRESS.findall(text) if not each.startswith(HARMLESS)
    ]
    assert addresses == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_what_a_module_imports_is_there(path: Path) -> None:
    wanted = imports(path, STATIC) | imports(path, DYNAMIC)
    assert [each for each in wanted if not each.is_file()] == []


def test_every_module_is_used() -> None:
    used = {each for entry in entries() for each in reached(entry, STATIC, DYNAMIC)}
    assert [named(path) for path in MODULES if path.resolve() not in used] == []


def test_the_first_load_is_small_whatever_is_seen_first() -> None:
    frame = {each for entry in entries() for each in reached(entry, STATIC)}
    chart, plot = DASHBOARD / "parts" / "chart.js", VENDOR / "uplot.js"
    large = {}
    for name in re.findall(r'import\("\./(\w+\.js)"\)', REGISTRY.read_text("utf-8")):
        files = frame | reached(REGISTRY.parent / name, STATIC)
        # Whoever draws a chart loads at once what draws it.
        files |= {plot.resolve()} if chart.resolve() in files else set()
        size = sum(len(gzip.compress(each.read_bytes(), 9)) for each in files)
        if size > FIRST_LOAD_BYTES:
            large[name] = size
    assert large == {}


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_has_nothing_that_a_strict_policy_forbids(path: Path) -> None:
    page = Tags(path)
    assert page.inline == []
    attributes = [name for _, told in page.tags for name in told]
    assert [n for n in attributes if n == "style" or n.startswith("on")] == []


def test_what_a_page_names_is_there() -> None:
    names = [
        told[name]
        for _, told in Tags(DASHBOARD / "index.html").tags
        for name in ("src", "href")
        if told.get(name, "").startswith(FOLDER)
    ]
    assert names
    assert [
        name for name in names if not (DASHBOARD / name.removeprefix(FOLDER)).is_file()
    ] == []


def test_what_is_loaded_early_is_needed_early() -> None:
    early = {
        (DASHBOARD / told["href"].removeprefix(FOLDER)).resolve()
        for tag, told in Tags(DASHBOARD / "index.html").tags
        if tag == "link" and told.get("rel") == "modulepreload"
    }
    assert early <= {each for entry in entries() for each in reached(entry, STATIC)}


def test_every_bundle_is_listed() -> None:
    bundles = {path.name for path in FILES if path.parent == VENDOR}
    assert bundles - {"vendored.json"} == set(VENDORED)


@pytest.mark.parametrize("name", VENDORED)
def test_a_bundle_is_the_one_that_was_made(name: str) -> None:
    found = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
    assert found == VENDORED[name]["sha256"]


@pytest.mark.parametrize("name", VENDORED)
def test_a_bundle_has_its_licences_beside_it(name: str) -> None:
    licences = VENDORED[name]["licences"]
    assert licences
    for licence in licences:
        assert "Copyright" in (VENDOR / licence).read_text(encoding="utf-8")
