"""How well a model reads labelled recordings: from the recordings to the table and the page."""
