"""Scenarios: YAML in, one frozen `Scenario` out, or every problem of every file at once."""

from __future__ import annotations

from demo_sim.scenario.loading import load
from demo_sim.scenario.model import InputTable, Scenario
from demo_sim.scenario.quantity import Location, Quantity, Row, Source

__all__ = ["InputTable", "Location", "Quantity", "Row", "Scenario", "Source", "load"]
