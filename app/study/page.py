"""A page of HTML from a template, in the style that all pages of Insula share; it needs nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import jinja2


def render(template: Path, **values: object) -> str:
    """Return the page that `template` makes of `values`; one that it names and that is missing is an error."""
    style = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template.read_text(encoding="utf-8")).render(style=style, **values)
