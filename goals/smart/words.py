"""Which metric of the library a sentence speaks of, and which words promise nothing. Pure."""

import re

#: The first pattern that is found names the metric, so the narrower ones come first. Codes: metrics/library.json.
METRICS: tuple[tuple[str, str], ...] = tuple((code, pattern) for code, *patterns in (
    ("supported_target_share", r"(?:协助|支持|支撑|配合|帮助).*(?:销售)?目标的",
     r"(?:销售)?目标的?\s*[\d.]+\s*%.*(?:协助|支持)",
     r"\b(?:support|help|assist)\w*\b.*\bof\b.*\btargets?\b"),
    ("supported_sales_amount", r"(?:协助|支持)(?:的)?(?:完成)?(?:的)?(?:销售额|销售|成交)", r"\bsupported sales\b"),
    ("data_entry_errors", r"(?:零|无|0\s*个?|录入|数据)?(?:差错|错误|失误|出错)",
     r"\b(?:entry )?errors?\b|\bmistakes?\b"),
    ("high_end_share", r"高端.*(?:占|比例|比重|份额)", r"(?:share|percentage|proportion) of (?:high[- ]end|premium)",
     r"(?:high[- ]end|premium)\b.*(?:\bof (?:all |total |the )*sales|share|%)"),
    ("high_end_amount", r"高端", r"\b(?:high[- ]end|premium)\b"),
    ("high_value_customers", r"(?:高价值|重点|大)客户", r"\b(?:high[- ]value customers|key accounts)\b"),
    ("repeat_rate", r"复购率|回购率", r"\brepeat(?:[- ]purchase)? rate\b"),
    ("repeat_purchase_amount", r"复购|回购|老客户.*(?:金额|销售额|业绩)",
     r"\b(?:repeat|re-?purchase|existing customers?.*(?:sales|amount|revenue))"),
    ("retention", r"留存|续约率|保留率|(?:客户|流失).*流失率", r"\bretention\b"),
    ("conversion", r"转化率", r"\bconversion\b"),
    ("prospects_added", r"潜在客户|潜客|线索|意向客户", r"\b(?:prospects?|leads?)\b"),
    ("referrals", r"转介绍|推荐客户", r"\breferrals?\b"),
    ("new_customers", r"新客户|新增客户|开发客户|新客", r"\bnew customers?\b"),
    ("csat", r"满意度(?!调查)", r"\b(?:csat|satisfaction)\b"),
    ("nps", r"净推荐值|\bnps\b", r"\bnet promoter"),
    ("complaints", r"投诉|客诉", r"\bcomplaints?\b"),
    ("visits_arranged", r"拜访|走访", r"\bvisits?\b"),
    ("meetings_arranged", r"会议|会面", r"\bmeetings?\b"),
    ("followup_accuracy", r"跟进.*准确|准确.*跟进", r"follow[- ]?ups?\b.*accura|accura.*follow[- ]?up"),
    ("followup_rate", r"跟进.*(?:完成率|及时率|率)", r"follow[- ]?up (?:rate|completion)"),
    ("contracts_followed_up", r"合同.*跟进|跟进.*合同", r"contracts? follow|follow(?:ed)?[- ]?up.*contract"),
    ("deliveries_followed_up", r"(?:交付|发货).*跟进|跟进.*(?:交付|发货|订单)",
     r"deliver\w* follow|follow(?:ed)?[- ]?up.*deliver"),
    ("followups_done", r"跟进|回访", r"\bfollow[- ]?ups?\b"),
    ("response_hours", r"响应|回复(?:时间|时长|客户)", r"\b(?:respon[sd]\w*|reply|replies)\b"),
    ("enquiries_answered", r"咨询|询盘", r"\b(?:enquir\w+|inquir\w+)\b"),
    ("document_turnaround_days", r"(?:文档|文件|资料|单据|合同).*(?:处理|周转|办理|完成时)",
     r"(?:处理|办理).*(?:文档|文件|单据)",
     r"document\w*.*(?:turnaround|handled|processed|within|days)|turnaround|(?:handle|process)\w* .*documents?"),
    ("documents_prepared", r"(?:制作|编写|准备).*(?:文件|文档|方案|标书)", r"\bdocuments?\b|\bproposals?\b"),
    ("data_completeness", r"(?:资料|数据|信息).*完整", r"\bcompleteness\b|complete (?:customer )?data"),
    ("reports_prepared", r"报表|报告", r"\breports?\b"),
    ("on_time_rate", r"(?:任务)?按时(?:完成)?率|及时率", r"\bon[- ]time rate\b|tasks? .*on time.*%"),
    ("tasks_on_time", r"按时完成", r"\btasks?\b.*\bon time\b"),
    ("task_completion", r"任务.*完成率|完成率.*任务", r"\btask completion\b"),
    ("open_tasks", r"未完成任务|待办", r"\bopen tasks?\b"),
    ("tasks_done", r"任务", r"\btasks?\b"),
    ("win_rate", r"赢单率|成交率|中标率", r"\bwin rate\b|\bclos(?:e|ing) rate\b"),
    ("deals_won", r"赢单", r"\bdeals? won\b|\bwon deals?\b|\bwin .*deals?\b"),
    ("average_order_value", r"客单价", r"\baverage order\b"),
    ("sales_cycle_days", r"(?:销售|成交|签单)周期", r"\bsales cycle\b"),
    ("gross_profit", r"毛利(?!率)", r"\bgross profit\b"),
    ("collected_amount", r"回款|收款", r"\bcollect(?:ed|ions?|ion)?\b"),
    ("preparation_hours_saved", r"节省.*准备时间|准备时间", r"\bpreparation (?:time|hours)\b"),
    ("peer_help", r"帮助同事|协助同事", r"\bhelp(?:ing)? (?:a |my |the )?(?:colleagues?|peers?)\b"),
    ("overtime_hours", r"加班", r"\bovertime\b"),
    ("courses_passed", r"课程", r"\bcourses?\b"),
    ("training_hours", r"培训", r"\btraining\b"),
    ("test_gain", r"测试.*(?:提升|提高|分)", r"\btest gain\b"),
    ("hours_worked", r"工作时长|工时", r"\bhours worked\b|\bworking hours\b"),
    ("active_customers", r"成交客户", r"\bactive customers?\b"),
    ("sales_amount", r"销售额|销售收入|销售业绩|营业额|营收|业绩|销售金额|签约额|签单额|总销售",
     r"\b(?:sales|revenue|turnover)\b"),
    ("orders", r"订单|\d\s*单(?!价)|签单", r"\borders?\b"),
) for pattern in patterns)  # fmt: skip

#: What a number is followed by -> the unit of measure it is in.
UNITS: tuple[tuple[str, str], ...] = (
    ("percent", r"%"),
    ("points", r"个?百分点|percentage points?|pp\b"),
    ("money", r"元|块|人民币|rmb|cny|yuan|usd|eur|dollars?|euros?|€|\$|¥|￥"),
    ("days", r"(?:个)?(?:工作日|天|日)(?!期)|(?:working |business )?days?\b"),
    ("hours", r"(?:个)?(?:小时|钟头)|hours?\b|hrs?\b"),
    ("score", r"分(?!钟|析|享)|points?\b|stars?\b"),
    ("count", r"单|次|个|家|位|名|人|份|件|条|门|笔|场|项|台|套|orders?\b|visits?\b|times?\b|customers?\b"
              r"|prospects?\b|leads?\b|calls?\b|meetings?\b|documents?\b|reports?\b|tasks?\b|courses?\b|referrals?\b|complaints?\b"
              r"|errors?\b|mistakes?\b|follow[- ]?ups?\b|enquiries\b|inquiries\b|contracts?\b|deals?\b"),
)  # fmt: skip

#: Words that promise without saying how much. A goal that names a metric and a number may use them.
VAGUE_ZH = (
    "提高", "提升", "加强", "改善", "改进", "优化", "尽量", "努力", "尽力", "争取", "强化", "完善", "增强", "促进",
    "推动", "做好", "搞好", "多多", "更好", "更多", "更快", "充分", "积极", "进一步", "大力", "适当", "及时", "尽快",
    "力争",
)  # fmt: skip
VAGUE_EN = (
    "improve", "improving", "enhance", "enhancing", "better", "more", "try", "best effort", "strengthen", "optimise",
    "optimize", "boost", "increase", "raise", "grow", "faster", "as much as possible", "as soon as possible", "asap",
    "good", "great", "support better", "work on", "focus on", "strive", "endeavour", "endeavor", "adequate", "timely",
)  # fmt: skip
_VAGUE_EN = re.compile(rf"\b(?:{'|'.join(VAGUE_EN)})\b", re.IGNORECASE)


def vague_word(text: str) -> str:
    """Return the first word of a text that promises without a measure, as it stands there; "" for none."""
    found = [(text.find(word), word) for word in VAGUE_ZH if word in text]
    if found:
        return min(found)[1]
    match = _VAGUE_EN.search(text)
    return match[0] if match else ""


def metric_code(text: str) -> str:
    """Return the code of the library's metric that a sentence, as `numerals.normal` gives it, speaks of, or ""."""
    return next((code for code, pattern in METRICS if re.search(pattern, text)), "")
