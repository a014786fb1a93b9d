"""Compiled kernels: arrays and scalars in, arrays out; nothing here knows labels or units."""
