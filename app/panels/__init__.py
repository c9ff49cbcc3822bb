"""What the dashboard shows of this moment: affect, reliability, face, electrodes, streams, state."""
