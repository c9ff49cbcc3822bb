"""Recordings in, models and tables out. No Qt."""
