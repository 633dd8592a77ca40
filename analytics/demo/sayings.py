"""What the customers of the demo company say. Data only."""

from reviews.models import FollowUpOutcome, RemarkChannel, RemarkKind

REASONS = ["speed", "speed", "accuracy", "delivery", "manner", "other"]
# By score; {product} is what they bought.
SAID = {
    1: ["报价单错了两次，电话 13816604821 打了三天都没人接。", "{product}到货晚了一周，没有人提前通知我们。",
        "问题反映了好几次，回复太慢，影响了我们开工。"],
    2: ["交货晚了三天，催了才有回复。", "资料不全，来回补了三次，响应太慢。",
        "{product}安装后就有故障，售后来得不及时。"],
    3: ["服务还可以，报价比同行贵一些。", "{product}能用，就是讲解得太快，没听懂。", "总体正常，发货希望再快一点。"],
    4: ["沟通顺畅，资料也很齐全。", "回复及时，{product}用着不错。", "比较专业，如果价格再优惠一点就更好了。"],
    5: ["报价很快，服务专业，有问必答。", "态度热情，{product}讲解得很清楚。", "售后特别耐心，下次还找你们。",
        "发货及时，质量也好，推荐给同行了。"],
}  # fmt: skip
ENGLISH = {
    1: ["The quote was wrong twice and nobody replied for three days."],
    2: ["Delivery of {product} was late and we had to ask for news."],
    3: ["Fine overall, but the price is higher than elsewhere."],
    4: ["Quick replies and complete documents."],
    5: ["Very friendly and competent, explained {product} step by step."],
}
MISSING = [
    "报价能更透明一些，不要中途加费用。",
    "交货周期太长，希望缩短。",
    "换了对接人之后响应慢了很多。",
    "售后网点少，维修要等好几天。",
]
LIKED = ["响应快，有专人跟进。", "产品质量稳定，很少出故障。", "懂我们的行业，建议很专业。", "态度好，从不推脱。"]
OUTCOMES = [
    (FollowUpOutcome.SOLVED, "已电话致歉，当天补发了资料，客户认可。"),
    (FollowUpOutcome.APOLOGY, "上门拜访致歉，说明了延期的原因。"),
    (FollowUpOutcome.REPLACED, "更换了设备，并延长保修三个月。"),
    (FollowUpOutcome.NO_CONTACT, "三次致电无人接听，已发短信说明。"),
]
TOLD = (
    "关于您上次的反馈",
    "感谢您的反馈，上次没有让您满意，非常抱歉。\n\n我们已安排专人跟进，资料已补发，并缩短了响应时间。\n\n如仍有问题，请直接回复本邮件。",
)
# (working days ago, who logs it, about whom, kind, channel, customer, words, who confirms it)
REMARKS = [
    (9, "D002", "D004", RemarkKind.PRAISE, RemarkChannel.WECHAT, "上海恒达贸易",
     "李晓雯周末还帮我们核对装箱单，避免了一次退运。", "D036"),
    (3, "D014", "D018", RemarkKind.COMPLAINT, RemarkChannel.PHONE, "苏州瑞丰食品",
     "约好周三上午演示，等到下午才来。", ""),
    (2, "D002", "D005", RemarkKind.INTERVIEW, RemarkChannel.VISIT, "杭州启航教育",
     "续约意愿强，希望培训安排在寒暑假，明年想加两个校区。", ""),
]  # fmt: skip
