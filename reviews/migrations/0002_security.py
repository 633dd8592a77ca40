from perfmgmt.tenants import migrating
from django.db import migrations

from perfmgmt.tenants.history import SecureHistory
from perfmgmt.tenants.rls import SecureTable

# In the order in which they point at one another.
AUDITED = (
    "Question",
    "Questionnaire",
    "QuestionnaireItem",
    "Scorecard",
    "ScorecardVersion",
    "Dimension",
    "Part",
    "ScorecardNotice",
    "ScoreDeduction",
    "ReviewCycle",
    "CycleGroup",
    "CycleForm",
    "CycleQuestion",
    "Participant",
    "Rater",
    "CalibrationSession",
    "CalibrationMember",
    "CalibrationMove",
    "ReleaseBatch",
    "ReviewResult",
    "ReviewMeeting",
    "Proposal",
)
OTHERS = (
    "Nudge",
    "AnswerSheet",
    "Answer",
    "AuthorKey",
    "FairnessVoice",
    "FairnessAsked",
    "Score",
    "ScorePart",
    "GroupScoreRow",
    "ScoreKey",
    "RaterStatistic",
    "CycleStatistic",
)


class Migration(migrating.Migration):
    dependencies = [("reviews", "0001_initial")]

    operations = [
        *(SecureTable(table) for table in (*AUDITED, *OTHERS)),
        *(SecureHistory(f"{table}Event") for table in AUDITED),
    ]
