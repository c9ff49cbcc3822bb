"""What Insula knows: values, windows, models, queue. No thread, no clock, no device, no Qt."""
