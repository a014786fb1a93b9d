"""Fits to observed data, and forecasts of the past set against what came."""

from demo_sim.fit.backtests import Backtest, backtest
from demo_sim.fit.fitting import Fit, fit

__all__ = ["Backtest", "Fit", "backtest", "fit"]
