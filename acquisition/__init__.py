"""The world coming in and going out: devices, streams, files, simulated participants."""
