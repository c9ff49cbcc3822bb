"""Weights out of data: losses, loops, recipes."""
