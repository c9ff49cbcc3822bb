"""What any window is made of: theme, keys, and the widgets that know nothing of a session."""
