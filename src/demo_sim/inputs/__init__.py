"""From a scenario to arrays on the model grid: draws, base population, yearly schedules."""
