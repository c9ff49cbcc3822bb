"""The window of a session or a replay, joined to the engine."""
