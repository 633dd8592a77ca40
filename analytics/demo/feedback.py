"""Feedback in the demo company: values, praise over the year with reactions, suggestions, and what was asked."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from analytics.demo.story import Story
from perfmgmt.people.models import Employee
from perfmgmt.people.viewer import Viewer, Workspace
from reviews.feedback import services
from reviews.feedback.requested import services as requested
from reviews.feedback.services import FeedbackDraft
from reviews.models import (
    CompanyValue,
    Feedback,
    FeedbackAsk,
    FeedbackKind,
    FeedbackRequest,
    PraiseReaction,
    ReactionKind,
)

#: Names and meanings, Chinese and English.
VALUES = [
    (
        "客户第一",
        "Customers first",
        "先弄清客户要什么，再谈我们能给什么。",
        "First what customers need, then what we offer.",
    ),
    ("诚信", "Integrity", "说到做到，数据如实填写。", "We keep our word and record what is so."),
    ("协作", "Teamwork", "别人的单子也当自己的事。", "A colleague's order is our order."),
    ("精进", "Keep learning", "每次都比上次做得好一点。", "A little better each time."),
]
# (working days ago, giver, receivers, place of the value in VALUES or None, words, who reacted how)
PRAISE = [
    (226, "D002", ("D004",), 0, "恒达的样机装不上，你陪客户调到晚上八点，第二天客户就下了单。", "D005:applause"),
    (201, "D005", ("D028",), 2, "投标前一晚帮我把三份报价核了一遍，找出两处税率错误。", "D004:agree D002:thanks"),
    (176, "D004", ("D028", "D007"), 2, "展会资料一天印完，两个人都没抱怨一句，谢谢！", "D002:applause"),
    (150, "D014", ("D029",), 1, "客户资料缺了联系方式，你主动说明并补齐，没有留空凑数。", "D018:agree"),
    (128, "D002", ("D005", "D006"), 0, "新宇科技续约前做了完整的使用回顾，客户说比他们自己记得还清楚。", ""),
    (103, "D006", ("D004",), 3, "跟进话术整理成一页给大家，我照着用，两周成了三单。", "D007:agree D002:applause"),
    (84, "D036", ("D008",), 3, "新员工培训讲得具体，新人第一周就能自己建客户档案。", "D002:agree"),
    (61, "D018", ("D029",), 2, "合同流程卡住时一路帮我追到盖章，客户按时收到货。", "D014:applause"),
    (40, "D002", ("D004",), 0, "金桥建材投诉当天上门，客户后来还介绍了新单位。", "D005:applause D028:agree"),
    (26, "D004", ("D005",), 2, "我请假那两天你替我跟进了五个客户，记录写得清清楚楚。", "D005:thanks D002:agree"),
    (13, "D028", ("D002",), 3, "周会改成先看数据再讨论，半小时就能散会。", "D004:agree D006:agree"),
    (4, "D007", ("D004", "D028"), 0, "启航教育的方案一起改了四版，客户终于点头。", "D028:thanks D002:applause"),
]  # fmt: skip
# (working days ago, giver, receiver, words, whether managers may read it)
SUGGESTIONS = [
    (70, "D028", "D004", "报价单发客户前先给我看十分钟，格式上的退回能少一半。", False),
    (33, "D004", "D002", "目标调整能提前一周说就好了，月底改来不及安排拜访。", False),
    (18, "D014", "D018", "拜访后当天写记录，隔两天细节就记不清了。", True),
]
TOPIC, QUESTIONS = "恒达项目的配合", ("哪些地方配合得好？", "下次希望有什么不同？")
# Who replied what to the assistant; the last one has not yet.
REPLIES = {
    "D028": ("需求说得很清楚，样机清单一次就对。", "报价改动时同步告诉我一声。"),
    "D005": ("客户问题当天就有人接。", "交接记录可以放在同一个地方。"),
    "D006": None,
}


def feedback(
    people: Mapping[str, Employee], viewer_at: Callable[[str], Viewer], *, workspace: Workspace, story: Story
) -> None:
    """Make the values, praise and suggestions of the year, and what the assistant asks colleagues now."""
    values = [
        CompanyValue.objects.create(name_zh=zh, name_en=en, about_zh=about_zh, about_en=about_en)
        for zh, en, about_zh, about_en in VALUES
    ]
    told = _Told(people, viewer_at, workspace, story)
    for ago, giver, to, value, words, reactions in PRAISE:
        draft = FeedbackDraft(FeedbackKind.PRAISE, words, None if value is None else values[value])
        made = told.give(draft, giver, to, ago)
        for each in reactions.split():
            who, _colon, kind = each.partition(":")
            told.react(made, who, ReactionKind(kind))
    for ago, giver, receiver, words, shares in SUGGESTIONS:
        told.give(FeedbackDraft(FeedbackKind.SUGGESTION, words, shares=shares), giver, (receiver,), ago)
    told.ask()


class _Told:
    """Feedback given by the product's own services, on days of the past."""

    def __init__(
        self, people: Mapping[str, Employee], viewer_at: Callable[[str], Viewer], workspace: Workspace, story: Story
    ) -> None:
        self.people, self.viewer_at, self.story = people, viewer_at, story
        self.zone = ZoneInfo(workspace.time_zone)

    def _moment(self, ago: int) -> datetime:
        return datetime.combine(self.story.days[-ago], time(17, 20), self.zone)

    def give(self, draft: FeedbackDraft, giver: str, to: tuple[str, ...], ago: int) -> Feedback:
        """Let somebody have given feedback so many working days ago."""
        receivers = [self.people[number] for number in to]
        (made,) = services.give(draft, receivers, viewer=self.viewer_at(giver), today=self.story.days[-ago])
        Feedback.objects.filter(pk=made.pk).update(given_at=self._moment(ago))
        return made

    def react(self, praise: Feedback, who: str, kind: ReactionKind) -> None:
        """Let somebody have reacted the next day."""
        services.react(praise.pk, kind, on=True, viewer=self.viewer_at(who), today=self.story.today)
        at = praise.given_at + timedelta(days=1)
        PraiseReaction.objects.filter(feedback=praise, kind=kind).update(at=at)

    def ask(self) -> None:
        """Let the assistant ask three colleagues, two of whom have replied."""
        today, own = self.story.today, self.viewer_at("D004")
        draft = requested.RequestDraft(self.people["D004"], TOPIC, QUESTIONS, today + timedelta(days=5))
        made = requested.ask(draft, [self.people[number] for number in REPLIES], viewer=own, today=today)
        for number, said in REPLIES.items():
            if said is not None:
                ask = FeedbackAsk.objects.get(request=made, employee=self.people[number])
                requested.reply(ask.pk, dict(enumerate(said, 1)), viewer=self.viewer_at(number), today=today)
        FeedbackRequest.objects.filter(pk=made.pk).update(asked_at=self._moment(2))
