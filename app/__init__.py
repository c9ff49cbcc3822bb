"""Threads joined up, Qt, the command line."""
