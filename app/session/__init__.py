"""A session, from what is chosen to what is on disk: sources, engine, recorder. No Qt."""
