"""The session folder: XDF, video, labels, session.json."""
