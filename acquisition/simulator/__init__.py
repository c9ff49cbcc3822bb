"""A simulated participant: affect that is known, and the EEG and face that it would drive. Not a person's data.

Everything is a pure function of a seed and of the time since the start ``t0``, so that any process can work out the
same signal and the same truth, in chunks of any size.
"""
