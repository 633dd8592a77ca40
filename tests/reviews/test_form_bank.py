"""HR keeps the bank of questions and the questionnaires."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from perfmgmt.jobs.models import Job
from perfmgmt.tenants.errors import Conflict, DomainError
from reviews.forms.bank import exports, selectors, services
from reviews.forms.bank.services import ItemDraft
from reviews.forms.pack import install_pack
from reviews.models import CycleQuestion, Question, Questionnaire, QuestionnaireItem
from tests.factories import Company
from tests.reviews.factories import open_cycle

STEPS = {
    f"step_{language}_{at}": f"{word} {at}" for at in range(3) for language, word in (("zh", "做法"), ("en", "does"))
}
NEW = {"topic": "service", "kind": "scale", "text_zh": "回应客户", "text_en": "Answers customers", **STEPS}


@pytest.fixture
def hr(acme: Company, sign_in) -> Client:
    return sign_in(acme.users["hr"])


def url(name: str, *args: int) -> str:
    return reverse(name, args=["acme", *args])


def test_only_who_keeps_scorecards_sees_the_bank(acme: Company, sign_in) -> None:
    install_pack()
    question, paper = Question.objects.first(), Questionnaire.objects.first()
    pages = [url("questions"), url("new_question"), url("question", question.pk), url("questionnaires"),
             url("questionnaire", paper.pk), url("questionnaire_preview", paper.pk)]  # fmt: skip
    for role, status in (("hr", 200), ("owner", 200), ("assistant", 403), ("manager", 403), ("auditor", 403)):
        client = sign_in(acme.users[role])
        assert {client.get(page).status_code for page in pages} == {status}, role


def test_the_bank_of_another_workspace_is_not_found(company: Company, other_company: Company, sign_in) -> None:
    with company.scope():
        install_pack()
        question, paper = Question.objects.first().pk, Questionnaire.objects.first().pk
    client = sign_in(other_company.users["hr"])
    for name, pk in (("question", question), ("questionnaire", paper), ("questionnaire_preview", paper)):
        assert client.get(reverse(name, args=["globex", pk])).status_code == 404
    for name, pk in (("archive_question", question), ("archive_questionnaire", paper), ("copy_questionnaire", paper)):
        assert client.post(reverse(name, args=["globex", pk])).status_code == 404


def test_an_empty_bank_offers_the_ready_questions_and_takes_them_once(hr: Client) -> None:
    assert "Add the ready questions" in hr.get(url("questions")).content.decode()
    for _twice in range(2):
        assert hr.post(url("add_ready_questions")).status_code == 302
    assert Questionnaire.objects.count() == 3
    assert hr.get(url("questions")).context["page"].paginator.count == Question.objects.count()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?q=搭把手", "teamwork_support"),
        ("?q=honest+gibberish", None),
        ("?q=点名找其对接", "service_response"),
        ("?topic=innovation&sort=text", "innovation_open"),
        ("?kind=text&q=Which+behaviour", "self_behaviour"),
    ],
)
def test_questions_are_found_by_their_words_and_by_those_of_their_steps(hr: Client, query: str, code) -> None:
    install_pack()
    found = [one.code for one in hr.get(url("questions") + query).context["page"]]
    assert (code in found) if code else found == []


def test_a_question_is_added_with_its_steps(hr: Client) -> None:
    assert hr.post(url("new_question"), NEW).status_code == 302
    question = Question.objects.get()
    assert (question.scale, question.anchors[2]) == (3, {"zh": "做法 2", "en": "does 2"})
    assert question.code.startswith("answers_customers_")


@pytest.mark.parametrize(
    "change",
    [{"text_en": ""}, {"step_en_1": ""}, {"step_zh_0": "", "step_en_0": ""}, {"topic": "nonsense"},
     {"text_zh": "字" * 401}, {**dict.fromkeys(STEPS, ""), "step_zh_0": "一", "step_en_0": "one"}],
)  # fmt: skip
def test_a_question_that_lacks_something_is_refused_and_keeps_what_was_typed(hr: Client, change) -> None:
    response = hr.post(url("new_question"), {**NEW, **change})
    assert response.status_code == 400 and not Question.objects.exists()
    assert "做法 2" in response.content.decode() or "step_zh_0" in change


def test_a_preview_shows_both_languages_and_saves_nothing(hr: Client) -> None:
    page = hr.post(url("new_question"), {**NEW, "preview": "1"})
    text = page.content.decode()
    assert page.status_code == 200 and not Question.objects.exists()
    assert [code for code, _shown in page.context["previews"]] == ["zh-hans", "en"]
    assert "Answers customers" in text and "回应客户" in text


def test_the_kind_of_a_question_in_use_stays(acme: Company) -> None:
    install_pack()
    question = Question.objects.get(code="teamwork_support")
    draft = services.QuestionDraft("teamwork", "text", "问题", "Question")
    with pytest.raises(DomainError):
        services.save_question(question.pk, draft)


def test_a_change_reaches_no_cycle_that_was_launched(acme: Company, hr: Client) -> None:
    cycle = open_cycle(acme, "ann")
    question = Question.objects.get(code="initiative")
    hr.post(url("question", question.pk), {**NEW, "kind": "scale"})
    assert Question.objects.get(pk=question.pk).text_en == "Answers customers"
    assert CycleQuestion.objects.get(cycle=cycle.row, code="initiative").text_en == "About initiative"
    page = hr.get(url("questionnaire", cycle.questionnaire.pk)).content.decode()
    assert "Q1 2025" in page and "own copy" in page


def test_archived_questions_leave_the_list_and_come_back(hr: Client) -> None:
    install_pack()
    question = Question.objects.get(code="improve")
    hr.post(url("archive_question", question.pk))
    assert question not in hr.get(url("questions") + "?q=improve").context["page"].object_list
    assert question in hr.get(url("questions") + "?state=archived").context["page"].object_list
    hr.post(url("archive_question", question.pk), {"back": "1"})
    assert Question.objects.get(pk=question.pk).archived_at is None


def form_of(paper: Questionnaire, **changes) -> dict:
    """What the editor sends for a questionnaire as it stands."""
    items = selectors.items_of(paper)
    data = {"name_zh": paper.name_zh, "name_en": paper.name_en, "purpose": paper.purpose,
            "seen": selectors.stamp(items), "item": [str(one.question_id) for one in items]}  # fmt: skip
    for one in items:
        data[f"weight_{one.question_id}"] = str(one.weight)
        data[f"groups_{one.question_id}"] = one.groups
        data |= {f"section_{key}_{one.question_id}": words for key, words in one.section.items()}
        if one.required:
            data[f"required_{one.question_id}"] = "on"
    return {**data, **changes}


def codes(paper: Questionnaire) -> list[str]:
    return [one.question.code for one in selectors.items_of(paper)]


@pytest.fixture
def paper(acme: Company) -> Questionnaire:
    install_pack()
    return Questionnaire.objects.get(code="development")


def test_saving_a_questionnaire_as_it_is_changes_nothing(hr: Client, paper: Questionnaire) -> None:
    before = list(QuestionnaireItem.objects.order_by("pk").values())
    assert hr.post(url("questionnaire", paper.pk), form_of(paper)).status_code == 302
    assert list(QuestionnaireItem.objects.order_by("pk").values()) == before


def test_the_order_of_the_rows_is_the_order_of_the_questions(hr: Client, paper: Questionnaire) -> None:
    before, data = codes(paper), form_of(paper)
    hr.post(url("questionnaire", paper.pk), {**data, "item": data["item"][::-1]})
    assert codes(paper) == before[::-1]
    first = selectors.items_of(paper)[0].question_id
    hr.post(url("questionnaire", paper.pk), form_of(paper, move=f"down-{first}"))
    assert codes(paper)[:2] == before[::-1][1::-1]
    hr.post(url("questionnaire", paper.pk), form_of(paper, move=f"remove-{first}"))
    assert len(codes(paper)) == len(before) - 1


def test_settings_of_a_question_are_saved(hr: Client, paper: Questionnaire) -> None:
    one = selectors.items_of(paper)[1]
    pk = one.question_id
    changes = {f"weight_{pk}": "2,5", f"groups_{pk}": ["peers", "nonsense"], f"required_{pk}": "on",
               f"section_zh_{pk}": "学习", f"section_en_{pk}": "Learning"}  # fmt: skip
    hr.post(url("questionnaire", paper.pk), form_of(paper, **changes))
    one.refresh_from_db()
    assert (one.weight, one.groups, one.required) == (Decimal("2.5"), ["peers"], True)
    assert one.section == {"zh": "学习", "en": "Learning"}


def test_questions_are_added_from_the_bank_once(hr: Client, paper: Questionnaire) -> None:
    wanted = Question.objects.get(code="innovation_open")
    before = codes(paper)
    hr.post(url("questionnaire", paper.pk), form_of(paper, action="add", add=[wanted.pk, wanted.pk]))
    assert codes(paper) == [*before, "innovation_open"]


@pytest.mark.parametrize("weight", ["x", "-1", "NaN", "1e9"])
def test_a_weight_that_is_none_is_refused(hr: Client, paper: Questionnaire, weight: str) -> None:
    pk = selectors.items_of(paper)[0].question_id
    response = hr.post(url("questionnaire", paper.pk), form_of(paper, **{f"weight_{pk}": weight}))
    assert response.status_code == 400 and selectors.items_of(paper)[0].weight == 1


def test_of_two_editors_the_later_one_is_told(paper: Questionnaire) -> None:
    seen = selectors.stamp(selectors.items_of(paper))
    pk = selectors.items_of(paper)[0].question_id
    save = {"name_zh": "新", "name_en": "New", "purpose": "review", "seen": seen}
    services.save_questionnaire(paper.pk, items=[ItemDraft(pk)], **save)
    with pytest.raises(Conflict):
        services.save_questionnaire(paper.pk, items=[], **save)
    assert len(selectors.items_of(paper)) == 1


def test_a_question_stands_once_and_must_be_there(paper: Questionnaire) -> None:
    seen = selectors.stamp(selectors.items_of(paper))
    pk = selectors.items_of(paper)[0].question_id
    for items in ([ItemDraft(pk), ItemDraft(pk)], [ItemDraft(2**40)], [ItemDraft(pk, Decimal(-1))]):
        with pytest.raises(DomainError):
            services.save_questionnaire(paper.pk, name_zh="", name_en="N", purpose="review", seen=seen, items=items)


def test_an_empty_questionnaire_says_so(hr: Client) -> None:
    made = hr.post(url("new_questionnaire"), {"name_en": "Onboarding", "purpose": "review"})
    assert "It asks nothing yet" in hr.get(made.url).content.decode()
    assert hr.post(url("new_questionnaire"), {"purpose": "review"}).status_code == 400


def test_a_copy_asks_the_same(hr: Client, paper: Questionnaire) -> None:
    hr.post(url("copy_questionnaire", paper.pk))
    copy = Questionnaire.objects.latest("pk")
    assert copy.name_en.endswith("(copy)") and codes(copy) == codes(paper)


def test_the_preview_shows_what_a_group_is_asked_in_each_language(hr: Client) -> None:
    install_pack()
    paper = Questionnaire.objects.get(code="attitude")
    peers = hr.get(url("questionnaire_preview", paper.pk) + "?group=peers&text=zh&width=phone").content.decode()
    reports = hr.get(url("questionnaire_preview", paper.pk) + "?group=direct_reports&text=en").content.decode()
    assert "带动和指导新人" not in peers and "同事需要时搭把手" in peers and "rf-preview-phone" in peers
    assert "Guides new or other colleagues" in reports
    empty = hr.get(url("questionnaire_preview", Questionnaire.objects.get(code="yearly_self").pk) + "?group=peers")
    assert "This group is asked nothing" in empty.content.decode()


def test_the_export_holds_what_the_list_shows_in_both_languages(acme: Company, hr: Client) -> None:
    install_pack()
    hr.post(url("export_questions") + "?topic=innovation", {"format": "csv"})
    job = Job.objects.get(kind=exports.EXPORT)
    assert job.params["query"] == {"topic": "innovation"} and job.params["format"] == "csv"
    rows = []

    def write(_context, _name, header, cells, **_kwargs):
        rows.extend([header, *cells])
        return {}

    class Context:
        params, created_by_id, job_id = job.params, acme.users["hr"].pk, job.pk

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exports, "write_csv", write)
        exports.export_questions(Context())  # type: ignore[arg-type]
    assert {row[0] for row in rows[1:]} == {"innovation_improves", "innovation_open"}
    assert {len(row) for row in rows} == {len(rows[0])}


def test_lists_take_as_many_queries_for_many_rows_as_for_few(hr: Client) -> None:
    install_pack()
    Question.objects.exclude(topic="service").update(archived_at="2025-01-01T00:00Z")
    hr.get(url("questions"))
    with CaptureQueriesContext(connection) as few:
        hr.get(url("questions"))
    Question.objects.update(archived_at=None)
    with CaptureQueriesContext(connection) as many:
        hr.get(url("questions"))
    assert len(many) == len(few)
