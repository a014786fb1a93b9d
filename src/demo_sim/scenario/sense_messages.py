"""Messages about what numbers, tables and definitions say: what no run can use, and what is odd."""

from __future__ import annotations

from demo_sim.wording import Text

SENSE: dict[str, Text] = {
    "hidden": Text(
        "文字里有不可见的控制字符（{given}）；请删去",
        "the text has an invisible control character ({given}); delete it",
    ),
    "extends_long": Text("extends 接连超过 {given} 层", "extends goes on through more than {given} files"),
    "no_row": Text(
        "缺少“{given}”的数值，运行要按它读取；现有：{has}",
        "no number for {given}, which a run asks for; there is: {has}",
    ),
    "key_form": Text(
        "“{given}”在这里只会当作名称，没有用处{hint}", '"{given}" would be a name here, which nothing asks for{hint}'
    ),
    "share_overlap": Text(
        "年龄组 {given} 与 {other} 只有一部分重叠；一组须完全在另一组之内",
        "the ages {given} and {other} overlap in part; one must lie inside the other",
    ),
    "share_sum": Text(
        "{names} 各占比之和为 {given}，应为 {allowed}", "the shares of {names} sum to {given}, not {allowed}"
    ),
    "share_inside": Text(
        "{age} 的占比 {allowed} 小于其中各组之和 {given}",
        "the age group {age} ({allowed}) holds less than the groups inside it ({given})",
    ),
    "share_empty": Text(
        "{age} 的占比是 {given}，而人口表中这些年龄没有人",
        "the share of {age} is {given}, and the table has nobody of these ages",
    ),
    "severe_above": Text(
        "{age} 重度及完全失能占比 {given} 大于 {other} 轻度及以上失能占比 {any}（{beside}）",
        "{given} are severe or total at {age}, above the {any} with any loss at {other} ({beside})",
    ),
    "part_above": Text("{given} 大于总数 {whole}（{path}）", "{given} is more than the whole, {whole} ({path})"),
    "not_a_share": Text(
        "{given} 应在 0 至 1 之间：{by} 把它当作占比{hint}",
        "{given} must lie between 0 and 1: {by} reads it as a share{hint}",
    ),
    "no_stock": Text("“{given}”没有数值：须给出 {allowed} 之一", '"{given}" has no number: one of {allowed} is needed'),
    "not_counted": Text(
        "要先能推算 {given}；缺：{missing}", "needs {given}, which cannot be counted; missing: {missing}"
    ),
    "negative": Text("不能为负：{given}", "cannot be negative: {given}"),
    "net_profile": Text(
        "给出净迁移人数时还要给出年龄分布 migration.profile；没有迁移时写 net: 0",
        "a net number of migrants needs an age profile, migration.profile; write net: 0 for none",
    ),
    "profile_sum": Text("各年龄之和为 {given}，应为 1", "the ages sum to {given}, not 1"),
    "moves_out_of_scale": Text(
        "{year}净迁移 {given} 人，超过基期人口 {people} 人的五分之一；两者单位是否相同（人、万人）？",
        "{given} net migrants{year} are more than a fifth of the {people} people of the base; are both in persons?",
    ),
    "e0_far": Text(
        "{year}年预期寿命 {given} 岁（{sex}）超出标准生命表可达的范围（{low} 至 {high}）；请核对该值，或换一个标准",
        "a life expectancy of {given} ({sex}, {year}) is out of reach of the standard at any level ({low} to {high}); "
        "check it, or take another standard",
    ),
    "shift_far": Text(
        "平移 {given} 年超出生育年龄模式的一半（{allowed} 年）",
        "a shift of {given} years is more than half of the ages of the pattern ({allowed})",
    ),
    "unknown_name": Text(
        "没有“{given}”这个数值或序列{near}", 'nothing is called "{given}": no number, no series of a run{near}'
    ),
    "unknown_series": Text(
        "本次运行没有“{given}”这个序列，无从对照{near}", 'a run has no series "{given}" to compare with{near}'
    ),
    "formed": Text("种类为 {given} 的指标缺少：{missing}", "an indicator of kind {given} lacks: {missing}"),
    "sum_negative": Text("权数（{given}）没有一个大于 0，合计不会为正", "no weight ({given}) is above 0"),
    "ages_reversed": Text("年龄 {given} 前后颠倒；写 {allowed}", "the ages {given} are reversed; write {allowed}"),
    "age_beyond": Text("年龄 {given} 超过 {allowed} 岁，没有人符合", "nobody is {given}: ages go to {allowed}"),
    "target_unit": Text(
        "指标“{id}”的单位是 {allowed}，目标写的是 {given}",
        'the unit of the indicator "{id}" is {allowed}, the target has {given}',
    ),
    "target_share": Text("占比不会是 {given}{hint}", "no share is {given}{hint}"),
    "arithmetic": Text("核对算式不成立：{detail}", "the check cannot be worked out: {detail}"),
    "note_not_counted": Text(
        "本情景无法推算“{given}”；缺：{missing}", 'this scenario cannot count "{given}"; missing: {missing}'
    ),
    "cell_huge": Text("{given} 超过全世界人口，不会是人数", "{given} is more than the people on Earth"),
    "nobody": Text("表中一个人也没有：人口合计为 0", "nobody is in the table: its people sum to 0"),
    "template_groups": Text(
        "模板须是单岁人口，而此行是年龄组 {given}",
        "a template has single ages, this row is the age group {given}",
    ),
    "template_empty": Text(
        "模板（{file}）在 {date} 的 {cell} 没有人，而此行有 {given} 人要按它拆分",
        "the template ({file}) has nobody at {cell} on {date}, and {given} people of this row are to be split by it",
    ),
    "no_mx": Text(
        "{age} 岁的死亡率 {given} 不可能：死亡率是死亡人数除以人年数",
        "no death rate is {given} (age {age}): it is deaths over person-years",
    ),
    "nobody_dies": Text(
        "{cell}：至少要有两个年龄组的死亡率大于 0；小地区没有死亡的年龄，可用上级地区的死亡率作标准（standard）配 e0",
        "{cell}: two age groups or more need a rate above 0; where a small place has no deaths, take the rates of the "
        "area around it as standard, with e0",
    ),
    "mx_open": Text(
        "死亡率表止于 {given}（{cell}），更高年龄无从推算：最高一组须是 {least} 或更高；"
        "可把分年龄更细的表作标准（standard）配 e0",
        "the rates end with {given} ({cell}), and those of older people cannot be told: the last group must be {least} "
        "or above; a table with older ages can be the standard, with e0",
    ),
    "no_old_die": Text(
        "{cell}：80岁及以上没有死亡，100岁以下的死亡率无从推算",
        "{cell}: nobody dies from 80 up, so that the rates of old age cannot be told",
    ),
    "nobody_born": Text(
        "{cell}各年龄生育率都是 0；至少一个年龄须大于 0",
        "{cell}: all fertility rates are 0; one age needs a rate above 0",
    ),
    "no_mother": Text(
        "{age} 岁不会生育（生育率 {given}）；可生育的年龄是 {allowed}",
        "nobody of {age} gives birth (rate {given}); births are at {allowed}",
    ),
    "outflow": Text(
        "{age} 岁一年净迁出约 {given} 人，多于这些年龄的 {people} 人；请核对单位，或写 options.on_negative: cap",
        "some {given} people of {age} leave in a year, more than the {people} that there are; check the unit, or write "
        "options.on_negative: cap",
    ),
    "few_groups": Text(
        "{cell} 只有一个年龄组；至少要两个，才能推到单岁",
        "{cell} has one age group; two are needed to tell single ages",
    ),
    "not_apart": Text(
        "此表分城乡，而基期人口不分（既没有 residence 列，也没有 population.urban_by_age）；请都分，或都不分",
        "this table tells urban from rural and the base population does not (neither a column residence nor "
        "population.urban_by_age); give both by residence, or neither",
    ),
    # odd in level
    "odd_copied": Text(
        "男女的{what}完全相同：是否把一个性别复制到了另一个？", "men and women have the same {what}: is one sex copied?"
    ),
    "odd_men_double": Text(
        "性别比 {given}（女=100）：有一列可能是男女合计，或各列次序有误",
        "{given} men per 100 women: one column may hold both sexes, or columns are in another order",
    ),
    "odd_men": Text(
        "性别比 {given}（女=100），或多数年龄的性别比在 70 至 150 之外；请核对男女两列",
        "{given} men per 100 women, or most ages lie outside 70 to 150; check the columns of the sexes",
    ),
    "odd_exchanged": Text(
        "性别比在 0-14 岁为 {young}、80岁及以上为 {old}（女=100）：男女可能写反",
        "{young} boys per 100 girls below 15 and {old} men per 100 women from 80: the sexes may be exchanged",
    ),
    "odd_census": Text(
        "共 {given} 人{fractions}，而 2020 年普查{place}为 {total} 人{unit}",
        "{given} people{fractions}, where the census of 2020 counted {total} in {place}{unit}",
    ),
    "odd_few": Text(
        "共 {given} 人{fractions}，少于任何一个县：单位是否为万人、千人，或是抽样数？",
        "{given} people{fractions}, fewer than a county has: are these ten thousands, thousands, or a sample?",
    ),
    "odd_men_live": Text(
        "男性预期寿命 {male} 岁高于女性 {female} 岁：男女可能写反",
        "men live longer ({male} years) than women ({female}): the sexes may be exchanged",
    ),
    "odd_nqx": Text(
        "死亡率对应的预期寿命只有男 {male} 岁、女 {female} 岁；若这些是五年死亡概率（5qx），则为{divided}",
        "the rates give a life expectancy of {male} and {female} years; taken as probabilities over five years (5qx) "
        "they give {divided}",
    ),
    "odd_tfr_five": Text(
        "总和生育率 {given}；若表中是五岁组各年之和，则为 {divided}",
        "a total fertility rate of {given}; if the table sums the five years of each group it is {divided}",
    ),
    "odd_mothers": Text(
        "平均生育年龄 {given} 岁，不在 24 至 34 岁之间：年龄列是否错位？",
        "a mean age at birth of {given}, outside 24 to 34: are the ages shifted?",
    ),
    "odd_level": Text(
        "{name}：{given}，通常在 {low} 至 {high} 之间；请核对单位和种类",
        "{name}: {given}, usually {low} to {high}; check the unit and the kind of figure",
    ),
    "note_no_deaths": Text(
        "{count} 个年龄组没有死亡（{ages}），按 0 计算，相邻年龄不受影响",
        "{count} age groups without deaths ({ages}) are kept at 0 and leave their neighbours alone",
    ),
    "note_high_mx": Text(
        "死亡率大于 1（最高 {given}，{age} 岁）：高龄人数很少时常见；大于 2 的按 2 计算",
        "death rates above 1 (up to {given} at {age}) are usual where few old people live; above 2 they are taken as 2",
    ),
    "note_held": Text("表中年份为 {first}–{last}：{held}的数值", "the table covers {first}-{last}: {held}"),
    "form_no_heading": Text(
        "不是填报表：没有“代码”“填报数”两列；填报表由 demo-sim request 写出",
        'no form of figures: the columns "Code" and "Figure" are not there; demo-sim request writes it',
    ),
    "form_code": Text(
        "代码“{given}”不是填报表中的代码，请勿改动该列", 'the code "{given}" is none of the form; leave that column'
    ),
    "form_year": Text("年末“{given}”不是年份", 'the year-end "{given}" is no year'),
    "form_number": Text(
        "“{given}”不是数字；没有的数请留空", '"{given}" is no number; leave the cell empty where there is none'
    ),
    "form_negative": Text("{given} 为负数", "{given} is below 0"),
    "form_share": Text(
        "占比 {given} 大于 1；百分数请写成 {hint}", "a share of {given} is above 1; per cent is written {hint}"
    ),
    "form_whole": Text(
        "{given} 不是整数；以万计的数请写成全数", "{given} is no whole number; write numbers out in full"
    ),
    "form_twice": Text(
        "与 {other} 是同一数据，而数值 {given} 不同", "the same figure as {other}, and another number: {given}"
    ),
    "form_part": Text(
        "部分 {given} 大于整体 {whole}（{path}）", "the part {given} is more than its whole {whole} ({path})"
    ),
    "note_to_come": Text(
        "{year} 年尚未结束，不会有公布数或填报数；预测写 status: assumed（规划写 plan），否则这一年及以前都按已知处理",
        "{year} is not over, so no figure of it is {given} yet: a forecast is status: assumed (of a plan, plan), else "
        "all years up to it count as known",
    ),
    "note_going_on": Text(
        "{year} 年以后没有给出新增，{how}；确无新增请写 {way}，另有安排请写各年数",
        "nothing is said to come in after {year}: {how}; write {way} for none, or the numbers of the years",
    ),
    "note_begun_early": Text(
        "{given} 从 {first} 年写起，{since}—{until} 年也按 {first} 年的数计；这些年没有的，请加写 {since}: 0",
        "{given} begins with {first} and holds for {since} to {until} as well; add {since}: 0 if there is none then",
    ),
    "note_unread": Text("没有用到：{reason}", "nothing reads it: {reason}"),
}
