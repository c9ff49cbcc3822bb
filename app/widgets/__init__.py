"""The parts of the window, one per file."""
