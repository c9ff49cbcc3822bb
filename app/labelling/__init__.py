"""Asking a person: the queue on screen, the clip that is asked about, answers and ratings."""
