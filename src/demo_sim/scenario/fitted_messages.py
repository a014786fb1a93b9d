"""Messages about fitted blocks: what a scenario includes, and what a fit writes."""

from __future__ import annotations

from demo_sim.wording import Text

FITTED = {
    "no_fitted_block": Text(
        "{given}不是 demo-sim calibrate 写出的拟合结果（缺 fitted、gives 或 seal）",
        "{given} is no block that demo-sim calibrate wrote (fitted, gives or seal is missing)",
    ),
    "fit_seal": Text(
        "拟合结果被改动过，与其封签不符；请用 demo-sim calibrate {given} 重新生成，不要手改",
        "the fitted block was changed and does not fit its seal; renew it with demo-sim calibrate {given}, do not edit "
        "it",
    ),
    "fit_data": Text(
        "{given} 已不是拟合时的数据（摘要不同）；请用 demo-sim calibrate {spec} 重新拟合",
        "{given} is not what the block was fitted to (another digest); fit again with demo-sim calibrate {spec}",
    ),
    "no_fit": Text("这些数据无法拟合：{given}", "these data do not allow the fit: {given}"),
    "fit_other_file": Text(
        "这里已有文件，且不是拟合结果；不覆盖，请在说明中另写 output",
        "a file is here that is no fitted block; it is not written over, name another output",
    ),
    "fit_another": Text(
        "这里已有同一说明和数据的拟合结果，内容却不同；确要重写，先删除它",
        "the block here was made from the same spec and data and says something else; delete it to write it anew",
    ),
}
