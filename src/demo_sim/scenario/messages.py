"""Every message about a scenario, in Chinese and English, as one table of templates.

A message says what was given, what is allowed and, where it can, what was probably meant.
The place (file, line, path) is put before it by `Problem.render`.
"""

from __future__ import annotations

from demo_sim.errors import Problem
from demo_sim.scenario.fitted_messages import FITTED
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.sense_messages import SENSE
from demo_sim.wording import NONE, Text, filled, listed, nearest, quoted

__all__ = ["MESSAGES", "NONE", "Problems", "Text", "listed", "make_problem", "nearest", "quoted"]

MESSAGES: dict[str, Text] = {
    **SENSE,
    **FITTED,
    # files
    "no_file": Text("找不到文件{given}{near}", "no such file {given}{near}"),
    "no_scenario": Text(
        "找不到情景{given}：既不是文件，也不是随软件提供的情景（{allowed}）{near}",
        "no scenario {given}: neither a file nor one that ships with the package ({allowed}){near}",
    ),
    "unknown_place": Text(
        "没有代码或唯一名称为{given}的地区{near}；用 demo-sim places 名称 查代码",
        "no place has the code {given}, or this name alone{near}; demo-sim places NAME finds it",
    ),
    "of_a_file": Text(
        "“{given}”只能写在情景文件里，不能另行修改",
        '"{given}" stands in a scenario file and cannot be set from outside',
    ),
    "no_place": Text("找不到地区{given}{near}", "no place {given}{near}"),
    "which_place": Text(
        "{given}可指多个地区：{allowed}；请用代码", "{given} may mean several places: {allowed}; use the code"
    ),
    "no_table_of_place": Text("普查没有 {given} 的这类表", "the census has no table of this kind for {given}"),
    "no_folder": Text("找不到文件夹{given}", "no such folder {given}"),
    "unreadable": Text("无法读取文件（{given}）", "the file cannot be read ({given})"),
    "gbk": Text(
        "文件不是 UTF-8 编码，看来是 GBK；请另存为 UTF-8（Excel 中选“CSV UTF-8”）",
        'the file is not UTF-8, it looks like GBK; save it as UTF-8 ("CSV UTF-8" in Excel)',
    ),
    "utf16": Text(
        "文件不是 UTF-8 编码，看来是 UTF-16（Excel 的“Unicode 文本”）；请另存为 UTF-8",
        'the file is not UTF-8, it looks like UTF-16 (Excel\'s "Unicode text"); save it as UTF-8',
    ),
    "not_utf8": Text("文件不是 UTF-8 编码，请另存为 UTF-8", "the file is not UTF-8; save it as UTF-8"),
    # YAML
    "empty_file": Text("文件没有内容", "the file is empty"),
    "yaml": Text("YAML 写法有误：{problem}{hint}", "not valid YAML: {problem}{hint}"),
    "repeated_key": Text(
        "键“{given}”重复，前一次在第 {line} 行；只保留一处",
        'the key "{given}" is repeated, first on line {line}; keep one of them',
    ),
    "alias": Text(
        "不支持 YAML 的锚点和引用（& 与 *）；请写出数值，或用 extends",
        "YAML anchors and aliases (& and *) are not taken; write the value out, or use extends",
    ),
    "tag": Text("不支持 YAML 标签 {given}", "the YAML tag {given} is not taken"),
    "bad_key": Text("键须是文字或数字", "a key must be text or a number"),
    "null": Text(
        "“{given}”后面没有值；填写数值或删去此行",
        'nothing stands after "{given}"; give a value or delete the line',
    ),
    # structure
    "unknown_key": Text(
        "没有“{given}”这个键{near}{hint}；可用的键：{allowed}",
        'there is no key "{given}"{near}{hint}; known keys: {allowed}',
    ),
    "missing": Text("缺少必填的“{given}”", 'the required key "{given}" is missing'),
    "want_mapping": Text("这里应是一组“键: 值”，给出的是 {given}", "expected a mapping of keys, got {given}"),
    "want_list": Text("这里应是列表，例如 [a, b]，给出的是 {given}", "expected a list such as [a, b], got {given}"),
    "want_text": Text("这里应是文字，给出的是 {given}{hint}", "expected text, got {given}{hint}"),
    "want_whole": Text("这里应是整数，给出的是 {given}{hint}", "expected a whole number, got {given}{hint}"),
    "want_age": Text(
        "这里应是年龄，如 37、35-39、100+，给出的是 {given}{hint}",
        "expected an age such as 37, 35-39 or 100+, got {given}{hint}",
    ),
    "want_number": Text("这里应是数字，给出的是 {given}{hint}", "expected a number, got {given}{hint}"),
    "want_bool": Text("这里应是 true 或 false，给出的是 {given}", "expected true or false, got {given}"),
    "want_date": Text(
        "这里应是日期，如 2020-11-01，给出的是 {given}{hint}",
        "expected a date such as 2020-11-01, got {given}{hint}",
    ),
    "choice": Text("不能是 {given}{near}；可选：{allowed}", "{given} is not possible{near}; allowed: {allowed}"),
    "at_least": Text("{given} 太小，至少为 {allowed}", "{given} is too small, at least {allowed}"),
    "at_most": Text("{given} 太大，至多为 {allowed}", "{given} is too large, at most {allowed}"),
    "too_long": Text("文字过长，最多 {allowed} 个字符", "the text is too long, {allowed} characters at most"),
    "want_form": Text("{given} 的写法不对；应写：{what}", "{given} is not written right; wanted: {what}"),
    "other": Text("写法不对，给出的是 {given}{detail}", "not acceptable, got {given}{detail}"),
    "too_few": Text("至少要有 {allowed} 项", "{allowed} at least are needed"),
    "too_short": Text("文字过短，至少 {allowed} 个字符", "the text is too short, {allowed} characters at least"),
    "want_kind": Text("缺少“kind”；可选：{allowed}", 'the key "kind" is missing; allowed: {allowed}'),
    "both": Text(
        "“{given}”与“table”不能并用：要么给表，要么给公式（用 extends 时写 {given}: null 可去掉继承的键）",
        '"{given}" and "table" exclude each other: give a table or a formula '
        "(under extends, {given}: null drops an inherited key)",
    ),
    "neither": Text("需要“table”，或者 {allowed}", 'needs "table", or else {allowed}'),
    "either": Text("“{given}”与“{allowed}”只能用一个", 'use either "{given}" or "{allowed}", not both'),
    "set_differs": Text(
        "“{given}”中的人群须有相同的口径、年龄等条件（亲属条件除外）；与“{other}”不同",
        'populations of the set "{given}" have the same base, ages and so on (but for relatives); "{other}" differs',
    ),
    "kin_empty": Text("亲属条件是空的；可用的键：{allowed}", "no condition on relatives; known keys: {allowed}"),
    "kin_child": Text(
        "“{given}”只对未满18周岁的人记录，而这里的年龄是 {age}；请写 age: 0-17 或更窄的范围",
        '"{given}" is known below 18 only, and the age here is {age}; write age: 0-17 or less',
    ),
    "kin_grown": Text(
        "“{given}”只对满18周岁的人记录，而这里的年龄是 {age}；请写 age: 18+ 或更窄的范围",
        '"{given}" is known from 18 only, and the age here is {age}; write age: 18+ or less',
    ),
    "unknown_group": Text("没有人群“{given}”{near}", 'there is no population "{given}"{near}'),
    "group_circle": Text("人群互相引用成环：{given}", "populations rest on one another in a circle: {given}"),
    "of_table": Text(
        "“{given}”只用于人口表，与 from_run 不能并用（用 extends 时写 {given}: null 可去掉继承的键）",
        '"{given}" goes with a population table and not with from_run (under extends, {given}: null drops an '
        "inherited key)",
    ),
    "start_year": Text(
        "从 {given} 年末起算，预测的第一年须是下一年：这里应为 {allowed}，或改 period.start",
        "a run that starts from the year-end {given} projects the next year first: write {allowed}, or change "
        "period.start",
    ),
    "needs": Text("有“{given}”就必须有“{allowed}”", '"{given}" needs "{allowed}" beside it'),
    # extends and overrides
    "cycle": Text("extends 循环引用：{given}", "extends runs in a circle: {given}"),
    "override_form": Text(
        "改动须写成 路径=值，例如 fertility.tfr=1.3；给出的是 {given}",
        "a change is written path=value, for example fertility.tfr=1.3; got {given}",
    ),
    "override_path": Text(
        "“{given}”不是一组键，下面不能再设值", '"{given}" holds no keys, so nothing can be set under it'
    ),
    # quantities
    "bounds": Text("{given} 超出范围，允许 {allowed}{hint}", "{given} is out of bounds, allowed {allowed}{hint}"),
    "band_order": Text("须满足 low ≤ value ≤ high，给出的是 {given}", "low <= value <= high must hold, got {given}"),
    "band_half": Text("low 与 high 须同时给出", "low and high go together"),
    "band_keys": Text("low、high 的键须与 value 相同", "low and high must have the same keys as value"),
    "no_value": Text("缺少“value”", 'the key "value" is missing'),
    "mixed_keys": Text("同一层的键须是同一类：{given}{near}", "keys of one level must be of one kind: {given}{near}"),
    "deep": Text("键最多两层（例如年份下再分性别）", "keys go two levels deep at most (a year, then a sex)"),
    "key_twice": Text("{given} 在两层中都出现了", "{given} is used on both levels"),
    "key_kind": Text(
        "此处不能按{given}区分；可用：{allowed}",
        "this setting does not differ by {given}; it may by {allowed}",
    ),
    "empty_map": Text("没有任何数值", "holds no number"),
    "unit": Text("单位是 {given}，此处需要 {allowed}", "the unit is {given}, {allowed} is needed here"),
    "units_differ": Text("并用的各项单位不同：{given}", "the units of the rows taken together differ: {given}"),
    "same_row": Text(
        "{given} 对同一项（{allowed}）各给了一个数值",
        "{given} each give a number for the same key ({allowed})",
    ),
    "assume_form": Text("assume 后应是参数库的编号或编号列表", "assume takes an id of the register or a list of ids"),
    "years_only": Text(
        "只有按年份给出的数值才能改其中一年；请写出全部数值",
        "one year can be changed only where the numbers are given by year alone; write all of them",
    ),
    "unknown_id": Text("参数库里没有“{given}”{near}", 'the register has no "{given}"{near}'),
    "text_id": Text(
        "“{given}”在参数库里是文字规则，没有数值，不能引用",
        '"{given}" is a rule in words and has no number to take',
    ),
    "no_rows_id": Text("“{given}”在参数库里没有数值", '"{given}" has no numbers in the register'),
    "count_not_borrowed": Text(
        "“{given}”是数量（单位 {unit}），{region}没有自己的数值，数量不能借用湖南的；请在情景中直接填写",
        '"{given}" is a count (unit {unit}) and {region} has none of its own; '
        "counts are not borrowed from Hunan: enter it in the scenario",
    ),
    "unknown_region": Text(
        "参数库里没有地区“{given}”{near}；有：{allowed}",
        'the register has no region "{given}"{near}; it has {allowed}',
    ),
    "nothing_known": Text(
        "known_until: {given} 之后的 {count} 个观测值不可用，此处没有剩下的数值",
        "known_until: {given} forbids all {count} observations, nothing is left here",
    ),
    # cross checks
    "base_date": Text(
        "基期 {given} 须在 {first} 至 {last} 之间（start 的前一年之内，至 start 年 1 月 1 日）",
        "the base date {given} must lie between {first} and {last} "
        "(within the year before start, up to 1 January of start)",
    ),
    "period_order": Text("终止年 {given} 早于起始年 {allowed}", "the end {given} lies before the start {allowed}"),
    "raked_to_borrowed": Text(
        "本地没有 {given} 的数字，不能按借来的占比调整人口表；请填本地的数字，或删去这一项",
        "{given} is not known of this place: a table is not raked to shares that are borrowed; "
        "give those of the place, or leave the key out",
    ),
    "note_raked": Text(
        "人口表按此调整，变动超过1个百分点：{group} 由 {given} 变为 {allowed}",
        "the base table is raked to this by more than a point: {group} from {given} to {allowed}",
    ),
    "note_urban_gap": Text(
        "基期表的城镇占比为 {given}，此处为 {allowed}，相差超过1个百分点：第一年即转为后者",
        "urban share of the base table {given}, here {allowed}, more than a point apart: the first year moves to it",
    ),
    "note_tied": Text(
        "年末总人口对齐公布数：{given}；差额计入当年净迁移",
        "the totals of these year-ends are tied to what is published: {given}; the difference is net migration of the "
        "year",
    ),
    "note_needed": Text(
        "{given} 为自填；这些人群还需要 {allowed}，已取参数库的率（本地没有的借用湖南）",
        "{given} is your own; these groups need {allowed}, too: taken from the register (Hunan's where the region has "
        "none)",
    ),
    "note_lacking": Text(
        "{given} 为自填；还缺 {allowed}，有关人群不能计算：请填写",
        "{given} is your own; {allowed} is lacking, and groups that need it are not counted: enter it",
    ),
    "unknown_definition": Text(
        "没有失能口径“{given}”{near}；有：{allowed}；自己的口径请用文字写出",
        'no definition of functional ability is "{given}"{near}; known: {allowed}; write one of your own in words',
    ),
    "definition_words": Text(
        "function.definition 用文字写时，各级占比也要自己给出"
        "（function.prevalence 的 any、severe_total、split 或 table）；或写目录中的一个：{allowed}",
        "where function.definition is in words, give the shares, too (any, severe_total, split or table of "
        "function.prevalence), or name one of the catalogue: {allowed}",
    ),
    "unknown_plan": Text(
        "没有规划“{given}”{near}；有：{allowed}", 'there is no plan "{given}"{near}; known: {allowed}'
    ),
    "plan_horizon": Text(
        "规划“{given}”有 {year} 年的指标，而预测只到 {end} 年；请把 period.end 改为 {year} 或更晚",
        'the plan "{given}" has a target of {year} but the projection ends in {end}; set period.end to {year} or later',
    ),
    "reported_share": Text(
        "“{target}”是比例，80%写作0.8，此处为{given}",
        '"{target}" is a share, 80% is written 0.8, here it is {given}',
    ),
    "note_reported": Text("所列规划没有用到这一填报值{near}", "no plan of the scenario uses this figure{near}"),
    "unknown_actual": Text(
        "没有指标“{given}”{near}；actual 下写指标名，或业务部门填报数的名称",
        'there is no indicator "{given}"{near}; under actual stand names of indicators, or of figures of the office',
    ),
    "actual_year": Text(
        "实际完成值要写明年份，如 {{2025: 0.745}}", "an actual figure needs its year, as in {{2025: 0.745}}"
    ),
    "actual_band": Text("实际完成值没有区间（low、high）", "an actual figure has no band (low, high)"),
    "actual_status": Text(
        "性质为 {given} 的数不能作为实际完成值；可写：{allowed}",
        "a number of status {given} is no actual figure; it may be: {allowed}",
    ),
    "note_actual": Text(
        "所列规划没有用到这一实际完成值{near}", "no plan of the scenario uses this actual figure{near}"
    ),
    "note_actual_far": Text(
        "“{target}”的目标是 {allowed}，此处为 {given}：请核对单位（不用万、%）",
        'the target of "{target}" is {allowed}, here it is {given}: check the unit (no 万, no %)',
    ),
    "unknown_indicator": Text("没有计算指标“{given}”{near}", 'there is no indicator "{given}"{near}'),
    "repeated_id": Text("编号“{given}”已在 {other} 中使用", 'the id "{given}" is already used in {other}'),
    # care setting
    "condition_by_age": Text(
        "{given} 没有年龄组；状态的患病率按年龄组给出，如 60-64、90+",
        "{given} has rows without an age; a condition takes its prevalence by age groups, as 60-64 and 90+",
    ),
    "condition_twice": Text(
        "{given} 已用于 conditions.{allowed}；一个患病率只能作为一种状态",
        "{given} is that of conditions.{allowed} already; a share is followed as one state",
    ),
    "unknown_path": Text(
        "情景没有给出“{given}”{near}；有：{allowed}", 'the scenario does not give "{given}"{near}; it gives {allowed}'
    ),
    "unknown_stock": Text(
        "supply 中没有“{given}”{near}；有：{allowed}", 'there is no "{given}" under supply{near}; known: {allowed}'
    ),
    "no_places": Text(
        "“{given}”的种类是 {kind}；名额须是 beds 或 stock",
        '"{given}" is of kind {kind}; places are of kind beds or stock',
    ),
    "too_many": Text("有 {given} 项，最多 {allowed} 项", "{given} are given, {allowed} at most"),
    "unknown_attribute": Text(
        "placement.attributes 中没有“{given}”{near}；有：{allowed}",
        'placement.attributes has no "{given}"{near}; it has {allowed}',
    ),
    "parents_of_old": Text(
        "60岁及以上的人不区分父母；可用 partner、children、children_born、grandchild",
        "parents are not known of people of 60 and over; partner, children, children_born, grandchild are",
    ),
    "kin_names": Text("家庭状况系数须分别给出 {allowed}", "the factors by kin take one number for each of {allowed}"),
    "no_levels": Text("按能力等级区分，情景须有“function”一节", 'levels need the block "function" in the scenario'),
    "class_twice": Text(
        "类别编号“{given}”重复，或为保留的 others", 'the class "{given}" is repeated, or the reserved others'
    ),
    # between the rows of tables; what is said of their cells stands in tables/
    "row_repeated": Text("此行与第 {first} 行重复（{given}）", "this row repeats line {first} ({given})"),
    "age_overlap": Text("年龄组 {given} 与 {other} 重叠（{cell}）", "the age group {given} overlaps {other} ({cell})"),
    "age_gap": Text("缺少年龄 {given}（{cell}）", "the age {given} is missing ({cell})"),
    "age_start": Text(
        "年龄须从 0 岁开始，最小的是 {given}（{cell}）", "ages must start at 0, the first is {given} ({cell})"
    ),
    "age_open": Text(
        "最高年龄组须是开口组，如 100+，现为 {given}（{cell}）",
        "the last age group must be open, such as 100+, not {given} ({cell})",
    ),
    "age_closed": Text("此表的年龄组须是闭口的：{given}", "age groups of this table must be closed: {given}"),
    "key_age": Text("“{given}”不是年龄；写法：37、35-39、100+", '"{given}" is no age; write 37, 35-39 or 100+'),
    "cell_missing": Text("缺少 {given}", "{given} is missing"),
    "year_missing": Text(
        "缺少年份 {given}；若要在年份之间内插，请在情景中写 interpolate: true",
        "the year {given} is missing; to interpolate between years write interpolate: true in the scenario",
    ),
    "years_short": Text(
        "表中年份为 {given}，预测需要 {allowed}", "the table covers {given}, the projection needs {allowed}"
    ),
    "per_mille_mx": Text(
        "{age} 岁的死亡率 {given} 过高，看来是千分率；请除以 1000，或写明 unit: ‰（import 时 --unit ‰）",
        "the death rate {given} at age {age} is too high; it looks like per 1,000, divide by 1,000 or state "
        "unit: per1000 (--unit)",
    ),
    "per_mille_asfr": Text(
        "{cell}各年龄生育率之和为 {given}，看来是千分率；请除以 1000，或写明 unit: ‰（import 时 --unit ‰）",
        "the fertility rates of {cell} sum to {given}; they look like per 1,000, divide by 1,000 or state "
        "unit: per1000 (--unit)",
    ),
    "shares_over": Text("{cell} 各级之和 {given} 大于 1", "the levels of {cell} sum to {given}, more than 1"),
    "more": Text("……同类问题还有 {given} 处", "... and {given} more of this kind"),
    # notes
    "note_dropped": Text(
        "known_until: {given} 之后的 {count} 个观测值没有采用",
        "observations after known_until: {given} that were not read: {count}",
    ),
    "note_dropped_all": Text(
        "known_until: {given} 之后的 {count} 个观测值没有采用，此项没有剩下的数值，按未给出处理",
        "all {count} observations lie after known_until: {given}; the setting counts as not given",
    ),
    "note_no_run": Text(
        "{given} 中还没有已保存的运行结果；运行前请先执行 demo-sim run {allowed}",
        "no saved run is in {given} yet; before this one do demo-sim run {allowed}",
    ),
    "note_one_draw": Text(
        "1 是一次随机抽样，不是中心方案；只要中心方案（各项参数取给定值）请写 draws: 0",
        "1 is one random draw and not the central run; for the central run alone (every input at its stated value) "
        "write draws: 0",
    ),
    "note_open_group": Text(
        "人口表止于 {given}，以上各岁按本情景死亡率的存活人数推算，是估计；可给 population.template",
        "the table ends with {given}; the ages beyond are split by the survivors of the scenario's own death rates, an "
        "estimate; population.template would tell them",
    ),
    "note_borrowed": Text(
        "{count} 个参数没有{region}的数值，借用湖南的率，区间放宽到 1.5 倍"
        "（其中 {given} 个路径以本地起点接全国或湖南的变化）：{allowed}；逐项见 inputs.csv 中 borrowed",
        "{count} numbers are not known for {region}: Hunan's rates are borrowed, bands 1.5 times as wide ({given} of "
        "them paths, as the change of the nation or Hunan from the region's own start): {allowed}; listed as borrowed "
        "in inputs.csv",
    ),
    # new
    "exists": Text("已经存在，不覆盖", "exists already and is not overwritten"),
    "bad_name": Text(
        "名称“{given}”不能用；只用字母、数字、汉字、连字符和下划线",
        'the name "{given}" cannot be used; letters, digits, hyphen and underscore only',
    ),
    "unknown_setting": Text("情景里没有“{given}”{near}", 'the scenario has no "{given}"{near}'),
    "unknown_entry": Text(
        "目录里没有“{given}”{near}；有：{allowed}", 'the catalogue has no "{given}"{near}; it has {allowed}'
    ),
}


def make_problem(where: Location, key: str, **values: object) -> Problem:
    """Problem with the texts of message `key`, filled in; a `Text` value goes in by language."""
    text = filled(MESSAGES[key], values)
    return Problem(where.file, where.line, where.path, text.zh, text.en)


class Problems:
    """Collects problems, so that the user sees all of them together."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, where: Location, key: str, **values: object) -> None:
        """Note the problem `key` of the message table at a place."""
        self.found.append(make_problem(where, key, **values))

    def add_text(self, where: Location, zh: str, en: str) -> None:
        """Note a problem whose words come from elsewhere."""
        self.found.append(Problem(where.file, where.line, "", zh, en))
