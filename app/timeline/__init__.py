"""All that is drawn over time, on one axis: lanes, traces, marks, and a whole session on one line."""
