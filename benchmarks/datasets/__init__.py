"""Published data sets, read from disk; none of them is part of this project."""
