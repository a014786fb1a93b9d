"""Staff: hired, leaving, retiring, trained; the certified among them, and their levels."""

from __future__ import annotations

import numpy as np

from demo_sim.supply.book import Stocks
from demo_sim.supply.entry import Entry
from demo_sim.supply.flows import Flow, follow_stock
from demo_sim.supply.lags import delayed
from demo_sim.supply.parts import Followed, Part, follow_grades, follow_part

YEARS_TO_RETIREMENT = 10.0  # those of 50 and over retire within ten years


def staff(entry: Entry, stocks: Stocks) -> None:
    """Posts by year.

    `turnover` counts everybody who leaves; a tenth of those of 50 and over retire in a year, and they are part of it.
    Hires are `replaced` for each who leaves, and the posts that are `added`. A leaver takes the certificate along;
    those hired come with one in the share `hired_certified`. New certificates are trainings x to_certificate x pass
    rate, after the training lag, at most the uncertified in post.
    """
    name, dated = entry.name, entry.opening()
    retiring = entry.path("aged_50", 0.0) / YEARS_TO_RETIREMENT
    flows = [
        Flow("leavers", "leavers", -1, rate=np.maximum(entry.path("turnover", 0.0) - retiring, 0.0), absorbs=True),
        Flow(
            "hires", "hires", 1, count=entry.path("added", 0.0), ratio=entry.path("replaced", 1.0),
            to=("leavers",), absorbs=True, told=True,
        ),
    ]  # fmt: skip
    if entry.has("aged_50"):
        flows.insert(1, Flow("retirements", "retirements", -1, rate=retiring))
        flows[2] = Flow(**{**vars(flows[2]), "to": ("leavers", "retirements")})
    total, amounts = follow_stock(dated, flows)
    stocks.series[name] = total
    stocks.enter_all(name, flows, amounts, name)
    stocks.note(name, dated)
    if entry.has("stock_community"):
        community = entry.get("stock_community").series(entry.context.times)[:1]
        part = np.divide(community, total[:1], out=np.zeros_like(community), where=total[:1] > 0.0)
        stocks.series[f"{name}.institution"] = total * (1.0 - part)
    elif f"{name}.institution" in entry.context.needs:  # nobody is said to work in the community
        stocks.series[f"{name}.institution"] = total
    if entry.has("trainings"):
        stocks.flow(f"{name}.trainings", entry.path("trainings", 0.0))
        _warn_of_crowding(entry, total, stocks)
    if entry.has("certified_share"):
        certified = _certified(entry, total, flows, amounts, stocks)
        if entry.has("skill"):
            _levels(entry, certified, flows, stocks)


def _certified(
    entry: Entry, total: np.ndarray, flows: list[Flow], amounts: dict[str, np.ndarray], stocks: Stocks
) -> Followed:
    which = {"name": entry.setting.certificate}
    told = entry.part("certified_share", total, **which)
    new = (
        entry.path("trainings", 0.0)
        * entry.path("to_certificate", 1.0, **which)
        * entry.path("pass_rate", 1.0, **which)
    )
    new = delayed(new, entry.at_start("training_lag", 0.0, **which), before=None)
    part = Part(told, True, new, {"hires": entry.path("hired_certified", 0.0, **which)})
    certified = follow_part(part, total, flows, amounts)
    name = f"{entry.name}.certified"
    stocks.series[name] = certified.stock
    stocks.enter_all(name, flows, certified.amounts, name)
    stocks.enter(name, "gained", f"{entry.name}.new_certificates", 1, certified.gained)
    if told.known:
        stocks.enter(name, "reclassified", f"{name}.taken_back", 1, certified.reclassified)
    stocks.note(name, told)
    return certified


def _levels(entry: Entry, certified: Followed, flows: list[Flow], stocks: Stocks) -> None:
    names = entry.get("skill").distinct("name")
    opening = np.stack([entry.at_start("skill", 0.0, name=level) for level in names])
    promotion = np.stack([entry.path("promotion", 0.0, name=level) for level in names])
    stock, factor, risen = follow_grades(certified, flows, opening, promotion)
    for i, level in enumerate(names):
        name = f"{entry.name}.certified.{level}"
        stocks.series[name] = stock[i]
        for flow in flows:
            values = factor[i] * certified.amounts[flow.series]
            stocks.enter(name, flow.movement, f"{name}.{flow.series}", flow.sign, values)
        if f"{entry.name}.certified.taken_back" in stocks.series:
            stocks.enter(name, "reclassified", f"{name}.taken_back", 1, factor[i] * certified.reclassified)
        if i == 0:
            stocks.enter(name, "gained", f"{entry.name}.new_certificates", 1)
        else:
            stocks.enter(name, "promoted", f"{entry.name}.certified.{names[i - 1]}.promoted", 1)
        if i < len(names) - 1:
            stocks.enter(name, "moved_on", f"{name}.promoted", -1, risen[i])


def _warn_of_crowding(entry: Entry, total: np.ndarray, stocks: Stocks) -> None:
    """More trainings than posts in a year, at stated values: person-times, or of people who hold no post."""
    stated = np.flatnonzero(entry.context.draws.numbers < 0)[:1]
    if not stated.size:
        return
    trainings = entry.path("trainings", 0.0)
    crowded = np.flatnonzero((trainings[1:, stated] > total[1:, stated]).any(axis=1))
    if crowded.size:
        year = int(entry.context.times[1 + crowded[0]])
        stocks.warnings.append(
            (
                f"{entry.name}：{year}年培训人次多于在岗人数，请核对是否人次、是否含岗外人员",
                f"{entry.name}: more trainings than posts in {year}; are these person-times, and of people in post?",
            )
        )
