"""The study on screen: its participants and sessions, and what can be done with each."""
