"""What is said about tables, in Chinese and English, as one table of templates.

The file, the row and the setting are put before it; the sheet and the cell by `Findings`.
"""

from __future__ import annotations

from demo_sim.wording import Text

MESSAGES: dict[str, Text] = {
    # the file
    "hindered": Text("{given}", "{given}"),
    "no_file": Text("找不到文件", "no such file"),
    "unreadable": Text("无法读取文件（{given}）", "the file cannot be read ({given})"),
    "not_a_table": Text(
        "这是 {given} 文件，不是表；请把表另存为 xlsx 或 CSV",
        "this is a {given} file and no table; save it as xlsx or CSV",
    ),
    "not_text": Text(
        "既不是工作簿，也不是文本（UTF-8、GBK、UTF-16 都读不出）；请另存为 xlsx 或 CSV UTF-8",
        "neither a workbook nor text (not UTF-8, GBK, UTF-16); save it as xlsx or CSV UTF-8",
    ),
    "web_page": Text(
        "这是网页（扩展名不符），其中没有表；请用 Excel 打开，另存为 xlsx",
        "this is a web page, whatever its name says, without a table; open it in Excel and save it as xlsx",
    ),
    "xml_table": Text(
        "这是 XML 文件（扩展名不符）；请用 Excel 打开，另存为 xlsx",
        "this is XML, whatever its name says; open it in Excel and save it as xlsx",
    ),
    "password": Text("工作簿有密码；请去掉密码再读", "the workbook has a password; save it without"),
    "no_workbook": Text(
        "这不是能读的工作簿（文件损坏，或是 Word 等文件）；请用 Excel 打开后另存为 xlsx",
        "no workbook that can be read (damaged, or a Word file); open it in Excel and save it as xlsx",
    ),
    "huge_sheet": Text(
        "工作表过大：最远的单元格太远（可能误填在很远处）；请把表复制到新的工作簿",
        "the sheet is too large: its last cell is too far out (a stray entry?); copy the table to a new workbook",
    ),
    "many_rows": Text(
        "有 {given} 行，最多 {allowed} 行；请只留需要的地区和年份",
        "{given} rows, {allowed} at most; keep the place and the years that are needed",
    ),
    "no_sheet": Text("没有工作表{given}；有：{allowed}", "there is no sheet {given}; there are {allowed}"),
    "which_sheet": Text(
        "有几张工作表都有表：{allowed}；请用 --sheet 名称（情景中写 sheet: 名称）指明一张",
        "several sheets hold tables: {allowed}; name one with --sheet NAME (in a scenario sheet: NAME)",
    ),
    "encoding": Text("按 {given} 编码读取", "read as {given}"),
    "separator": Text("列之间用{given}分隔，已照此读取", "columns are separated by {given}, and were read so"),
    "quotation": Text("引号没有成对", "a quotation mark is not closed"),
    "header_form": Text(
        "首行注释应为“# publisher: …; licence: …; date: …; status: …”，status 可选：{allowed}，给出的是 {given}",
        'the first line should read "# publisher: ...; licence: ...; date: ...; status: ...", '
        "status one of {allowed}, got {given}",
    ),
    # kind and unit
    "which_kind": Text(
        "看不出这是哪类表；请用 --kind 指明：{allowed}",
        "it does not say what kind of table it is; name it with --kind: {allowed}",
    ),
    "which_unit": Text(
        "表中没有写单位，合计为 {given}：单位是什么？请用 --unit 指明（情景中写 unit:）：{how}",
        "the table does not say its unit, and its total is {given}: what is the unit? "
        "Name it with --unit (in a scenario unit:): {how}",
    ),
    "no_grade": Text(
        "表中没有等级“{given}”；grades 中每个等级都须是表中的一个名称",
        'the table has no grade "{given}"; each grade of `grades` is a label of the table',
    ),
    "unknown_unit": Text(
        "不认识的单位{given}；可写 人、千人、万人、‰、%",
        "unknown unit {given}; write persons, thousands, 10000, per1000, %",
    ),
    "wrong_unit": Text("单位{given}不能用于这类表", "the unit {given} is not possible for this kind of table"),
    "said_persons": Text("表中没有写单位，按“人”读取", "the table does not say its unit: read as persons"),
    # the head
    "no_head": Text(
        "找不到表头；表头须有“年龄”“性别”“年份”等列名（或 age、sex、year）",
        "no head was found; it should name columns such as age, sex, year (年龄, 性别, 年份)",
    ),
    "table_empty": Text("表中没有数据行", "the table has no rows"),
    "column_unknown": Text(
        "不认识的列“{given}”{near}；可用的列：{allowed}",
        'unknown column "{given}"{near}; possible columns: {allowed}',
    ),
    "column_missing": Text("缺少列“{given}”", 'the column "{given}" is missing'),
    "key_missing": Text("此数没有写明{given}，而别的列写明了", "this number has no {given}, but others have one"),
    "column_repeated": Text("列“{given}”重复", 'the column "{given}" is repeated'),
    "column_empty": Text("此列没有一个数，不采用", "no number stands in this column: it is left out"),
    "nominal_age": Text(
        "列“{given}”是虚岁；年龄须用周岁（列名 age）",
        'the column "{given}" holds nominal ages; give ages in completed years (column age)',
    ),
    "qx_for_mx": Text(
        "表中是死亡概率 qx，需要的是死亡率 mx（每人年死亡数），两者不同；请换成 mx",
        "the table holds probabilities of dying (qx); death rates (mx, deaths per person-year) are needed",
    ),
    "extra_dimension": Text(
        "这类表不按{given}区分，而此表分了几类又没有合计；请只留合计",
        "this kind of table does not differ by {given}, and there is no total; keep the total alone",
    ),
    "several_years": Text(
        "有几个年份：{given}；请只留基期一年", "there are several years: {given}; keep the base year alone"
    ),
    "several_places": Text("有几个地区：{given}…；请只留一个", "there are several places: {given}...; keep one"),
    # figures of the office and its statistical form
    "no_period": Text(
        "找不到数据的时间；请在表上方写明，如“2024年12月”，或让列名带年份",
        'it does not say when the figures are of; write it above the table, such as "2024年12月", or in the heads',
    ),
    "no_figures": Text("表中没有一个认得的指标", "no row or column is an indicator that is known"),
    "unit_differs": Text(
        "“{given}”的单位是 {unit}，应为 {allowed}；未采用",
        'the unit of "{given}" is {unit}, {allowed} is needed: left out',
    ),
    "code_of_other": Text(
        "“{given}”的代码 {code} 曾是“{other}”的代码，按名称采用，请核对",
        'the code {code} of "{given}" was that of "{other}": taken by its name, please check',
    ),
    "code_twice": Text(
        "代码 {code} 出现两次（另见第 {first} 行）", "the code {code} stands twice, first in row {first}"
    ),
    "figure_twice": Text(
        "“{given}”已在第 {first} 行出现，数值不同；请只留一个",
        '"{given}" stands in row {first} with another number; keep one',
    ),
    "not_year_end": Text(
        "数据是 {given} 月末的，作为 {year} 年末的数",
        "the figures are of the end of month {given}: taken for the year-end {year}",
    ),
    # cells
    "row_length": Text(
        "此行有 {given} 个单元格，应为 {allowed} 个{hint}", "the row has {given} cells, {allowed} are needed{hint}"
    ),
    "cell_code": Text(
        "{name} 不能是“{given}”{near}；可选：{allowed}", '{name} cannot be "{given}"{near}; allowed: {allowed}'
    ),
    "cell_level": Text(
        "“{given}”不是能力等级{near}；可选：{allowed}。表中是健康等级时，在情景的 function.prevalence 下用 grades "
        "写明各等级对应哪一级，如 grades: {{健康: intact, 生活不能自理: total}}",
        '"{given}" is no level of ability{near}; allowed: {allowed}. Where the table has grades of health, say under '
        "function.prevalence which level each is, as grades: {{good: intact, unable: total}}",
    ),
    "cell_number": Text("{name} 不是数字：“{given}”{hint}", '{name} is not a number: "{given}"{hint}'),
    "cell_age": Text(
        "年龄“{given}”不能识别；写法：37、35-39、100+", 'the age "{given}" is not understood; write 37, 35-39 or 100+'
    ),
    "cell_year": Text("年份“{given}”不能识别{hint}", 'the year "{given}" is not understood{hint}'),
    "cell_date": Text(
        "日期“{given}”不能识别，写法：2020-07-01", 'the date "{given}" is not understood, write 2020-07-01'
    ),
    "cell_negative": Text("{name} 不能为负：{given}", "{name} cannot be negative: {given}"),
    "cell_share": Text("{name} 应在 0 至 1 之间：{given}{hint}", "{name} must lie between 0 and 1: {given}{hint}"),
    "share_for_count": Text("人数不能是百分数：{given}", "a number of persons cannot be in per cent: {given}"),
    "age_unknown": Text(
        "年龄不详的有 {given}；请先分摊到各年龄", "age not stated: {given}; spread them over the ages first"
    ),
    "sum_differs": Text(
        "合计不等于各部分之和：表中 {given}，各部分之和 {sum}，差 {off}{hint}",
        "the total is not the sum of its parts: {given} is printed, the parts sum to {sum}, off by {off}{hint}",
    ),
    "part_missing": Text("有合计而没有{given}的数", "the total is printed, and no number for {given}"),
    "part_left_out": Text("只有合计和 {given}，采用合计", "only the total and {given} are there: the total is taken"),
    "said_other_part": Text(
        "只有合计和 {given}：{read} = 合计 − {given}", "only the total and {given} are there: {read} is what is left"
    ),
    "group_left_out": Text(
        "{given} 的率不采用：表中有其中各组的率",
        "the rate of {given} is left out: those of its parts stand in the table",
    ),
    "sum_odd": Text(
        "请核对：合计 {given} 不等于各部分之和 {sum}（差 {off}）；各部分已由小计证实，以各部分为准",
        "please check: the total {given} is not the sum of its parts, {sum} (off by {off}); "
        "subtotals confirm the parts, which are taken",
    ),
    # read in the one way that is possible
    "said_code": Text("“{given}”读作 {read}", '"{given}" was read as {read}'),
    "said_age": Text("年龄“{given}”读作 {read}", 'the age "{given}" was read as {read}'),
    "said_excel_age": Text(
        "Excel 把年龄组变成了日期“{given}”，读作 {read}",
        'Excel turned an age group into the date "{given}": read as {read}',
    ),
    "said_end": Text("“{given}”读作 {read} 岁", '"{given}" was read as age {read}'),
    "said_bounds": Text(
        "相邻年龄组共用界限（{given}）：界限归上一组，读作 {read}",
        "neighbouring age groups share their bounds ({given}): a bound belongs to the group that begins with it, "
        "read as {read}",
    ),
    "said_nobody": Text(
        "“{given}”表示此年龄无人，用前一年龄的率 {read}",
        '"{given}" means nobody at risk: the rate of the age before, {read}',
    ),
    "said_grouped": Text("“{given}”读作 {read}", '"{given}" was read as {read}'),
    "said_sign": Text("“{given}”读作 {read}", '"{given}" was read as {read}'),
    "said_flag": Text("“{given}”后的标记未采用，读作 {read}", 'the flag of "{given}" was left out, read as {read}'),
    "said_unit": Text("“{given}”读作 {read}", '"{given}" was read as {read}'),
    "said_width": Text("“{given}”读作 {read}", '"{given}" was read as {read}'),
    "times": Text("（同类共 {given} 处）", " ({given} of this kind)"),
    "more": Text("……同类问题还有 {given} 处", "... and {given} more of this kind"),
}
