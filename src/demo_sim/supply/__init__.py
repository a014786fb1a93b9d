"""What a region has: stocks that change by yearly inflow and outflow, overridden by dated observations."""
