"""The unit of work: some draws from inputs to counts, as a pure function; and what brings them together."""
