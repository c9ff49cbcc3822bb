"""The documentation as a site: ``sphinx-build -W docs site``."""

from __future__ import annotations

import os
from importlib import metadata

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from app.cli import commands_of, parser

project = "Insula"
author = "The Insula developers"
version = release = metadata.version("insula")
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
html_theme = "furo"
html_title = f"Insula {version}"
exclude_patterns = ["examples/insula-bands/**", "_build"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # they stand in the docstrings, with shapes and units
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
default_role = "code"  # `name` in a docstring is a name, whoever has it


class Commands(Directive):
    """Shows what each command says of itself with ``--help``."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        os.environ["COLUMNS"] = "100"  # argparse breaks lines at the width of the terminal
        shown: list[nodes.Node] = []
        for name, command in commands_of(parser()).items():
            section = nodes.section(ids=[name.replace(" ", "-")])
            text = command.format_help()
            section += [nodes.title(text=f"insula {name}"), nodes.literal_block(text, text, language="none")]
            shown.append(section)
        return shown


def setup(app: Sphinx) -> None:
    """Add the directive ``commands``."""
    app.add_directive("commands", Commands)
