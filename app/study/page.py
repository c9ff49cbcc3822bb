"""A page of HTML from a template, in the style that all pages of Insula share; it needs nothing from elsewhere."""

from __future__ import annotations

import base64
import csv
import html
import io
import re
from collections.abc import Callable
from pathlib import Path

import jinja2

_FIGURE = re.compile(r"(<figure[^>]*>)(<svg.*?</svg>)\s*<figcaption>", re.DOTALL)
_TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def render(template: Path, **values: object) -> str:
    """Return the page that `template` makes of `values`; one that it names and that is missing is an error.

    Its figures and tables are numbered in their order, and each can be saved from the page itself: a figure as SVG, a
    table as CSV.
    """
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(template.read_text(encoding="utf-8")).render(style=style, **values)
    return _TABLE.sub(_numbered(_table), _FIGURE.sub(_numbered(_figure), page))


def to_csv(table: str) -> str:
    """Return the cells of a table of HTML, without its caption, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in _ROW.findall(table):
        writer.writerow(html.unescape(_TAG.sub("", cell)).strip() for cell in _CELL.findall(row))
    return text.getvalue()


def _numbered(write: Callable[[re.Match[str], int], str]) -> Callable[[re.Match[str]], str]:
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return write(match, count)

    return replace


def _figure(match: re.Match[str], number: int) -> str:
    opening, svg = match.groups()
    alone = svg if "xmlns=" in svg else svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    link = _link(f"figure-{number}.svg", "SVG", "image/svg+xml", alone)
    return f"{opening}{svg}<figcaption><b>Figure {number}</b> {link}. "


def _table(match: re.Match[str], number: int) -> str:
    inner = match[1]
    said = _CAPTION.search(inner)
    link = _link(f"table-{number}.csv", "CSV", "text/csv", to_csv(inner))
    caption = f"<caption><b>Table {number}</b> {link}. {said[1] if said else ''}".rstrip() + "</caption>"
    return f"<table>{caption}{_CAPTION.sub('', inner)}</table>"


def _link(name: str, word: str, kind: str, content: str) -> str:
    coded = base64.b64encode(content.encode("utf-8")).decode("ascii")
    return f'<a class="save" download="{name}" href="data:{kind};base64,{coded}">{word}</a>'
