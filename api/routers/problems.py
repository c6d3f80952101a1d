"""/problems: what the ``type`` of an error leads to, for people and for programs."""

import re
from html import escape
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel

from api.errors import family_of, problem
from api.problem_pages import PAGES, ProblemPage
from db.contracts.errors import InputProblem, NotFoundError

router = APIRouter(prefix="/problems", tags=["problems"])

MARKDOWN, HTML = "text/markdown", "text/html"
_EXAMPLE = {
    "timestamp": "2026-11-22T12:00:00+00:00",
    "request_id": "req_0123456789abcdef0123456789abcdef",
    "instance": "/v1/jobs",
}
_OTHER_FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            HTML: {"schema": {"type": "string"}},
            MARKDOWN: {"schema": {"type": "string"}},
        }
    }
}
Accept = Annotated[str, Header()]


class ProblemView(BaseModel):
    """One kind of problem."""

    type: str
    title: str
    status: int
    error_code: str
    meaning: str
    when: str
    todo: str
    example: dict[str, Any]


class ProblemList(BaseModel):
    """All kinds of problems."""

    items: list[ProblemView]


@router.get("", response_model=ProblemList, responses=_OTHER_FORMS)
async def list_problems(request: Request, accept: Accept = "*/*") -> Response:
    """List every kind of problem: HTML for browsers, JSON or Markdown for others."""
    views = [_view(request, page) for page in PAGES.values()]
    lines = [f"- [{view.type}]({view.type}): {view.meaning}" for view in views]
    items = "".join(
        f'<li><a href="{view.type}">{view.type}</a>: {_coded(view.meaning)}</li>'
        for view in views
    )
    return _respond(
        accept,
        view=ProblemList(items=views),
        markdown="\n".join(["# Problems", "", *lines, ""]),
        html=_page("Problems", f"<ul>{items}</ul>"),
    )


@router.get("/{slug}", response_model=ProblemView, responses=_OTHER_FORMS)
async def get_problem(
    request: Request,
    slug: Annotated[str, Path(max_length=100)],
    accept: Accept = "*/*",
) -> Response:
    """Say what a kind of problem means, when it happens, and what to do."""
    page = PAGES.get(slug)
    if page is None:
        raise NotFoundError(
            "there is no such kind of problem", suggestion="/problems lists them all."
        )
    view = _view(request, page)
    return _respond(accept, view=view, markdown=_markdown(view), html=_html(view))


def _view(request: Request, page: ProblemPage) -> ProblemView:
    answer = problem(
        request,
        page.status,
        code=page.slug,
        detail=page.meaning,
        suggestion=page.todo,
        problems=_EXAMPLE_PROBLEMS.get(page.slug, ()),
    )
    return ProblemView(
        type=f"/problems/{page.slug}",
        title=page.status.phrase,
        status=page.status,
        error_code=family_of(page.slug, page.status),
        meaning=page.meaning,
        when=page.when,
        todo=page.todo,
        example={**orjson.loads(answer.body), **_EXAMPLE},
    )


_EXAMPLE_PROBLEMS = {
    slug: (
        InputProblem(
            pointer="#/limits/time_s",
            detail="Input should be greater than 0",
            suggestion="Send a value greater than 0.0.",
        ),
    )
    for slug in ("invalid-input", "validation")
}


def _respond(accept: str, *, view: BaseModel, markdown: str, html: str) -> Response:
    forms = {
        HTML: html,
        MARKDOWN: markdown,
        "application/json": view.model_dump_json(),
    }
    # Browsers name HTML before all else, and programs that want anything get JSON.
    chosen = next((form for form in forms if form in accept), "application/json")
    return Response(forms[chosen], media_type=chosen, headers={"Vary": "Accept"})


def _markdown(view: ProblemView) -> str:
    return (
        f"# {view.type}\n\n{view.meaning}\n\n"
        f"| | |\n|---|---|\n| status | {view.status} {view.title} |\n"
        f"| error_code | `{view.error_code}` |\n\n"
        f"## When it happens\n\n{view.when}\n\n## What to do\n\n{view.todo}\n\n"
        f"## An example\n\n```json\n{_indented(view.example)}\n```\n"
    )


def _html(view: ProblemView) -> str:
    return _page(
        view.type,
        f"<p>{_coded(view.meaning)}</p>"
        f"<p>Status {view.status} {escape(view.title)}, "
        f"<code>{view.error_code}</code></p>"
        f"<h2>When it happens</h2><p>{_coded(view.when)}</p>"
        f"<h2>What to do</h2><p>{_coded(view.todo)}</p>"
        f"<h2>An example</h2><pre>{escape(_indented(view.example))}</pre>"
        '<p><a href="/problems">All problems</a></p>',
    )


def _page(title: str, body: str) -> str:
    """Return a document that needs nothing else: no script, no style, no image."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )


def _coded(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _indented(example: dict[str, Any]) -> str:
    return orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
