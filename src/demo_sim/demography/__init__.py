"""Demographic methods: arrays in, arrays out. Nothing here reads a file or knows a scenario."""
