"""Projection engines. The cohort engine gives expected values and the tables of every year."""
