"""One row and more in every table of reviews of a company, with the canary in every text."""

from datetime import date

from django.utils import timezone

from perfmgmt.jobs.models import Job
from perfmgmt.metrics.models import Metric
from perfmgmt.people.models import Position
from reviews.models import (
    Answer,
    AnswerSheet,
    AuthorKey,
    CalibrationMember,
    CalibrationMove,
    CalibrationSession,
    CycleForm,
    CycleGroup,
    CycleQuestion,
    CycleStatistic,
    Dimension,
    FairnessAsked,
    FairnessVoice,
    GroupScoreRow,
    Nudge,
    Part,
    Participant,
    Proposal,
    Question,
    Questionnaire,
    QuestionnaireItem,
    Rater,
    RaterStatistic,
    ReleaseBatch,
    ReviewCycle,
    ReviewMeeting,
    ReviewResult,
    Score,
    Scorecard,
    ScorecardNotice,
    ScorecardVersion,
    ScoreDeduction,
    ScoreKey,
    ScorePart,
    Survey,
    SurveyQuestion,
    SurveyVersion,
)
from tests.factories import Company

QUARTER, END, GRAIN = date(2025, 1, 1), date(2025, 3, 31), 4


def fill_reviews(company: Company, text: str) -> None:
    """A published scorecard, a cycle in which ann and cid are reviewed, and a released result of each."""
    version, part = _scorecard(company, text)
    questionnaire, question = Questionnaire.objects.get(), Question.objects.get()
    cycle = _cycle(questionnaire, question, text)
    ReviewCycle.objects.update(copied_from=cycle, job=Job.objects.first())
    session = CalibrationSession.objects.create(cycle=cycle, name=text, unit=company.units["north"], note=text)
    CalibrationMember.objects.create(session=session, employee=company.people["manager"])
    # One in which the manager takes no part.
    south = CalibrationSession.objects.create(cycle=cycle, name=f"{text} South", unit=company.units["south"])
    CalibrationMember.objects.create(session=south, employee=company.people["rival"])
    batch = ReleaseBatch.objects.create(cycle=cycle, number=1, people=2, job=Job.objects.first())
    for person, manager in (("ann", "manager"), ("cid", "rival")):
        participant = Participant.objects.create(
            cycle=cycle, employee=company.people[person], unit=company.units["north"], scorecard_version=version,
            manager=company.people[manager], potential=2, potential_note=text,
        )  # fmt: skip
        _answers(company, cycle, participant, person, manager, text)
        _score(company, person, version, part, cycle, participant, questionnaire)
        CalibrationMove.objects.create(session=session, participant=participant, after=80, reason=text)
        _result(batch, participant, company, manager, text)
        ScoreDeduction.objects.create(
            employee=participant.employee, grain=GRAIN, start=QUARTER, points=2, reason=text, happened_on=QUARTER
        )
        ScorecardNotice.objects.create(
            employee=participant.employee, version=version, grain=GRAIN, start=QUARTER, comment=text
        )
    CycleStatistic.objects.create(
        pk=(company.tenant.pk, cycle.pk), cycle_id=cycle.pk, made_at=timezone.now(), figures=_figures(cycle, text)
    )
    ScoreKey.objects.create(employee=company.people["ann"], first_day=QUARTER, last_day=END)
    _survey(text)


def _survey(text: str) -> None:
    """A survey with a published version and the draft of the next one."""
    survey = Survey.objects.create(name_zh=text, name_en=text, state="open", reply_to="care@example.com")
    names = ("subject", "greeting", "heading", "thanks", "next_steps", "reader")
    texts = {f"{name}_{code}": text for name in names for code in ("zh", "en")}
    for number in (1, 2):
        version = SurveyVersion.objects.create(survey=survey, number=number, note=text, **texts)
        for place, kind in enumerate(("csat", "choice", "text"), 1):
            SurveyQuestion.objects.create(
                version=version, place=place, key=f"q{place}", kind=kind, text_zh=text, text_en=text, low_zh=text,
                low_en=text, high_zh=text, high_en=text,
                choices=[{"key": "c1", "zh": text, "en": text}] if kind == "choice" else [],
            )  # fmt: skip
        if number == 1:
            version.state, version.published_at = "published", timezone.now()
            version.save()


def _figures(cycle: ReviewCycle, text: str) -> dict[str, object]:
    """What a batch of statistics would leave."""
    counts = [0] * 16
    counts[7:11] = [2, 5, 1, 1]
    people = Participant.objects.filter(cycle=cycle).order_by("pk").values_list("pk", flat=True)
    return {
        "note": text, "n": 24, "raters": 10, "ratees": 2, "mean": 71.5,
        "reliability": {"icc": 0.42, "low": 0.18, "high": 0.77, "of_mean": 0.72, "raters": 3.6},
        "leniency": {"from": list(range(-40, 40, 5)), "counts": counts, "few": 1, "severe": 0, "typical": 8,
                     "lenient": 1},
        "gaps": [[pk, 82.0, 64.5, "higher"] for pk in people], "held_back": [],
    }  # fmt: skip


def _scorecard(company: Company, text: str) -> tuple[ScorecardVersion, Part]:
    scorecard = Scorecard.objects.create(name_zh=text, name_en=text, position=Position.objects.first())
    version = ScorecardVersion.objects.create(
        scorecard=scorecard, number=1, state="published", published_at=timezone.now(), valid_from=QUARTER, note=text
    )
    dimension = Dimension.objects.create(version=version, place=1, name_zh=text, name_en=text, weight=100)
    part = Part.objects.create(
        dimension=dimension, place=1, kind="metric", metric=Metric.objects.get(code="sales_amount"), weight=100,
        name_zh=text, name_en=text,
    )  # fmt: skip
    Part.objects.create(
        dimension=dimension, place=2, kind="questionnaire", questionnaire=_questionnaire(text)[0], weight=0,
        name_zh=text, name_en=text,
    )  # fmt: skip
    return version, part


def _questionnaire(text: str) -> tuple[Questionnaire, Question]:
    question = Question.objects.create(code="sample", text_zh=text, text_en=text, topic="teamwork")
    questionnaire = Questionnaire.objects.create(code="sample", name_zh=text, name_en=text)
    QuestionnaireItem.objects.create(questionnaire=questionnaire, question=question, place=1)
    return questionnaire, question


def _cycle(questionnaire: Questionnaire, question: Question, text: str) -> ReviewCycle:
    cycle = ReviewCycle.objects.create(
        name=text, start=QUARTER, end=END, state="released", launched_at=timezone.now(), released_at=timezone.now()
    )
    CycleGroup.objects.create(cycle=cycle, group="peers", weight=100, minimum=3, merges=True, most=6)
    CycleForm.objects.create(cycle=cycle, questionnaire=questionnaire, place=1)
    CycleQuestion.objects.create(
        cycle=cycle, questionnaire=questionnaire, place=1, code=question.code, text_zh=text, text_en=text
    )
    return cycle


def _answers(
    company: Company, cycle: ReviewCycle, participant: Participant, person: str, manager: str, text: str
) -> None:
    """The manager has answered; somebody else's voice about the cycle."""
    tenant = company.tenant.pk
    rater = Rater.objects.create(
        participant=participant, employee=company.people[manager], group="manager", state="done", reason=text
    )
    Rater.objects.filter(pk=rater.pk).update(replaces=rater)
    sheet = AnswerSheet(cycle_id=cycle.pk, participant_id=participant.pk, group="manager", is_done=True)
    sheet.pk = (tenant, sheet.key)
    sheet.save(force_insert=True)
    question = CycleQuestion.objects.get(cycle=cycle)
    Answer.objects.create(
        pk=(tenant, sheet.key, question.pk), sheet=sheet.key, question_id=question.pk, value=4, text=text
    )
    AuthorKey.objects.create(pk=(tenant, rater.pk), rater=rater, sealed=b"0" * 16)
    voice = FairnessVoice(cycle_id=cycle.pk, fair=4, useful=3, text=text)
    voice.pk = (tenant, voice.key)
    voice.save(force_insert=True)
    employee = company.people[person]
    FairnessAsked.objects.create(pk=(tenant, cycle.pk, employee.pk), cycle_id=cycle.pk, employee=employee)
    Nudge.objects.create(cycle=cycle, employee=employee, day=END, kind="single")


def _score(
    company: Company, person: str, version: ScorecardVersion, part: Part, cycle: ReviewCycle,
    participant: Participant, questionnaire: Questionnaire,
) -> None:  # fmt: skip
    tenant, employee = company.tenant.pk, company.people[person]
    key = (tenant, GRAIN, QUARTER, employee.pk)
    period = {"grain": GRAIN, "start": QUARTER, "employee": employee}
    Score.objects.create(
        pk=key, version_id=version.pk, cycle_id=cycle.pk, score=80, before=82, deduction=2, grade="B", **period
    )
    ScorePart.objects.create(
        pk=(*key, part.pk), part_id=part.pk, raw=100, score=82, weight=100, used=100, contribution=82, **period
    )
    GroupScoreRow.objects.create(
        pk=(tenant, cycle.pk, participant.pk, questionnaire.pk, "manager"), cycle_id=cycle.pk, group="manager",
        participant_id=participant.pk, questionnaire_id=questionnaire.pk, n=1, weight=100, score=75,
    )  # fmt: skip
    RaterStatistic.objects.create(
        pk=(tenant, cycle.pk, employee.pk), cycle_id=cycle.pk, employee=employee, ratees=3, mean=70, leniency=1
    )


def _result(batch: ReleaseBatch, participant: Participant, company: Company, manager: str, text: str) -> None:
    result = ReviewResult.objects.create(
        batch=batch, participant=participant, score=80, grade="B", computed=80, frozen={"comments": [text]},
        comment=text,
    )  # fmt: skip
    ReviewMeeting.objects.create(
        result=result, agenda=[text], employee_notes=text, manager_notes=text, agreed=text,
        manager=company.people[manager],
    )  # fmt: skip
    Proposal.objects.create(result=result, kind="training", reason={"code": "sample"}, note=text)
