"""The writing check: what it hints at, in Chinese and English, and what it leaves alone."""

from datetime import date

import pytest

from reviews.forms.writing import About, Finding, hints

QUARTER = (date(2025, 1, 1), date(2025, 3, 31))


def found(text: str, *ratings: int, asks: str = "", days: tuple[date, date] = QUARTER) -> set[str]:
    about = About(*days, [(value, 5) for value in ratings], asks)
    return {str(hint.finding) for hint in hints(text, about)}


def kinds(text: str) -> set[str]:
    return {hint.kind for hint in hints(text, About(*QUARTER)) if hint.finding is Finding.BIASED}


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_text_has_no_hint(text: str) -> None:
    assert found(text) == set()


@pytest.mark.parametrize("text", ["很认真", "做得好", "Good.", "works hard", "OK 好"])
def test_a_text_without_room_for_an_example_is_short(text: str) -> None:
    assert "short" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "2月主动补齐了恒达贸易的合同附件",
        "Closed the complaint of Lakeside within two days",
        "把报价模板整理好发给了全组使用",
    ],
)
def test_a_text_with_an_example_is_long_enough(text: str) -> None:
    assert "short" not in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "工作态度端正，各方面都不错，继续努力",
        "沟通方面还有待提高，需要提升主动性",
        "She is a great team player with a positive attitude",
        "He could be better at communication and needs improvement",
    ],
)
def test_a_judgement_that_nobody_can_check_is_vague(text: str) -> None:
    assert "vague" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "沟通不错：1月以来每周五给客户发进度，投诉从6件降到1件",
        "跟进很好，例如恒达贸易的订单变更当天就通知了交付",
        "Great follow-up: in January she answered 40 enquiries within two hours",
        "He is good with complaints, for example he called Lakeside back the same day",
        "Greater Bay customers were visited by two colleagues together",
    ],
)
def test_a_judgement_with_an_example_is_not_vague(text: str) -> None:
    assert "vague" not in found(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("作为女性能做到这样很不容易", "gender"),
        ("这个小姑娘很细心，报价没有错过", "gender"),
        ("年纪大了，新系统学得慢", "age"),
        ("太年轻，压不住客户", "age"),
        ("刚结婚，可能很快要孩子，不适合出差", "family"),
        ("外地人，跟本地客户有口音上的隔阂", "origin"),
        ("病假多，身体不好影响进度", "body"),
        ("性格内向，天生不适合做销售", "character"),
        ("She is too emotional in negotiations", "gender"),
        ("He is close to retirement and slow", "age"),
        ("As a mother she cannot travel", "family"),
        ("Customers struggle with his accent", "origin"),
        ("She is often sick and misses meetings", "body"),
        ("He is introverted and not a culture fit", "character"),
    ],
)
def test_words_about_the_person_instead_of_the_work_are_named(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "负责女装客户，复购金额增长得很快",
        "婚庆客户的订单都按时交付",
        "今天生成的报表没有差错，每天生产排期都核对",
        "新老客户都有人跟进，外地客户按月回访",
        "把产假政策整理成了客户可用的说明",
        "Prepared an attractive offer for two customers in February",
        "Managed the old orders and the young brand of a customer",
        "Accented the delivery date in every mail",
        "Mentioned the ladybird brand to customers",
    ],
)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "最近跟进客户很及时，上周还主动处理了一起投诉",
        "3月帮交付催回了恒达的尾款，客户很感谢",
        "Recently he has been very helpful, last week he stayed late twice",
        "In March she solved the complaint of Lakeside within a day",
    ],
)
def test_a_text_about_the_last_weeks_only_is_noticed(text: str) -> None:
    assert "recent" in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "1月签下12单，3月又带回两个老客户",
        "整个季度每周五发进度，上周也没有落下",
        "In January and March she closed most of her orders",
        "Throughout the quarter he answered on the same day, last week too",
        "她把报价模板整理好发给了全组使用",
    ],
)
def test_a_text_about_the_whole_period_is_not(text: str) -> None:
    assert "recent" not in found(text)


def test_a_short_period_has_no_last_weeks() -> None:
    assert "recent" not in found("上周主动处理了一起客户投诉", days=(date(2025, 3, 3), date(2025, 3, 16)))


def test_plans_are_about_what_is_to_come() -> None:
    assert "recent" not in found("3月前完成产品培训并通过考试", asks="future")


@pytest.mark.parametrize(
    ("text", "ratings"),
    [
        ("表现非常优秀，是团队的榜样", (1, 2)),
        ("Outstanding work with all customers in January", (2, 2, 2)),
    ],
)
def test_praise_beside_low_ratings_is_named(text: str, ratings: tuple[int, ...]) -> None:
    assert "praise_low" in found(text, *ratings)


@pytest.mark.parametrize(
    ("text", "ratings"),
    [
        ("录入经常出错，回复客户敷衍，让人失望", (5, 5)),
        ("Careless with documents and unreliable with dates in February", (4, 5)),
    ],
)
def test_criticism_beside_high_ratings_is_named(text: str, ratings: tuple[int, ...]) -> None:
    assert "criticism_high" in found(text, *ratings)


@pytest.mark.parametrize(
    ("text", "ratings", "asks"),
    [
        ("表现非常优秀，是团队的榜样", (4, 5), ""),
        ("表现称不上优秀，交期多次延误", (1, 2), ""),
        ("从不拖延，也没有敷衍过客户", (5, 5), ""),
        ("He is not excellent at details and knows it", (1, 2), ""),
        ("She never was careless with a document", (5, 5), ""),
        ("最优秀的一点是回复客户及时", (1, 2), "strengths"),
        ("录入经常出错，需要自查清单", (5, 5), "improve"),
        ("表现非常优秀，是团队的榜样", (), ""),
        ("表现非常优秀，是团队的榜样", (3,), ""),
    ],
)
def test_text_and_ratings_that_agree_or_answer_the_question_are_left_alone(
    text: str, ratings: tuple[int, ...], asks: str
) -> None:
    assert not found(text, *ratings, asks=asks) & {"praise_low", "criticism_high"}


def test_the_words_that_led_to_a_hint_are_named_once_and_in_order() -> None:
    (hint,) = [
        one for one in hints("已婚，要带孩子，已婚所以不出差，2月起一直如此", About(*QUARTER)) if one.kind == "family"
    ]
    assert hint.words == ("已婚", "带孩子")


def test_a_very_long_text_is_read_quickly() -> None:
    assert found("跟进了客户并在1月完成12单。" * 400) == set()
