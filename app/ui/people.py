"""Who takes part, and the colour that goes with each name wherever several people are seen."""

from __future__ import annotations

from app.ui.theme import Theme

__all__ = ["People"]

_ON_LIGHT = ("#33669A", "#9C2A6E", "#1E7A33", "#7A6100")
_ON_DARK = ("#7FB2E5", "#F093C4", "#73D088", "#E2C85A")
"""After P. Tol's bright scheme, each at least 3 to 1 from the panel; never without the name beside it."""


class People:
    """The participants in the order in which they became known; that order gives colours, and nothing else."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def know(self, name: str) -> bool:
        """Take a participant; return whether it is a new one."""
        if not name or name in self.names:
            return False
        self.names.append(name)
        return True

    @property
    def are_several(self) -> bool:
        """Whether it has to be said who is meant."""
        return len(self.names) > 1

    def color(self, name: str, theme: Theme) -> str:
        """Return a participant's colour."""
        colors = _ON_DARK if theme.name == "dark" else _ON_LIGHT
        return colors[self.names.index(name) % len(colors)] if name in self.names else theme.edge
