"""Other people's tables: read as they come, recognised, and said what was understood."""

from demo_sim.tables.reading import Read, Tidy, read_table

__all__ = ["Read", "Tidy", "read_table"]
