"""Verbs that set the package against what was observed: fits and back-tests."""

from __future__ import annotations

import click

from demo_sim.cli.verbs import cli, say, verb
from demo_sim.wording import Text


@cli.command()
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@verb
def calibrate(specs: tuple[str, ...], lang: str) -> int:
    """由观测数据拟合参数，写出情景可用的结果 / Fit a block of a scenario to observed tables."""
    from demo_sim.fit import fit

    for i, spec in enumerate(specs, 1):
        count = f"[{i}/{len(specs)}] "

        def tell(words: Text, count: str = count) -> None:
            click.echo(count + say(lang, *words), err=True)

        for line in fit(spec, lang=lang, tell=tell).lines(lang):
            click.echo(line)
    return 0


@cli.command()
@click.argument("spec", metavar="SPEC")
@verb
def backtest(spec: str, lang: str) -> int:
    """用当时所知预测过去，检验误差和区间 / Forecast the past and score the forecasts and their bands."""
    from demo_sim.fit import backtest as tested

    for line in tested(spec, lang=lang, tell=lambda words: click.echo(say(lang, *words), err=True)).lines(lang):
        click.echo(line)
    return 0
