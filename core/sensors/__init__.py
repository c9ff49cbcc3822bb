"""Plain live readings of streams that are no EEG: heart, skin, breath, gaze. From past samples alone."""
