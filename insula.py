"""The front door: ``insula ...`` and ``python -m insula``."""

import sys
from pathlib import Path

# In a wheel the packages lie in _insula/, so that names as plain as `core` take no room in site-packages.
_HOUSE = Path(__file__).resolve().parent / "_insula"
if _HOUSE.is_dir():
    sys.path.insert(0, str(_HOUSE))


def main() -> int:
    """Run the command line and return its exit code."""
    from app.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
