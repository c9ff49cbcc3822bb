"""The first screen: who, with which devices, which model; and what a headset leaves open."""
