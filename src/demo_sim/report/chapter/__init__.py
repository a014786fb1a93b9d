"""The sections of the chapter: what an office puts into its plan, in plain words, one unit a column."""
