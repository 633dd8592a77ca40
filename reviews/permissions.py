"""What may be done with scorecards, cycles, reviews and results."""

from django.utils.translation import gettext_lazy as _

from perfmgmt.people.permissions import EVERY_ROLE, declare
from perfmgmt.people.roles import Role

SEE_SCORECARDS = declare(
    "scorecards.see",
    _("See scorecards: how people are assessed"),
    Role.OWNER,
    Role.HR,
    Role.EXECUTIVE,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
MANAGE_SCORECARDS = declare(
    "scorecards.manage", _("Make scorecards, publish them, keep the bank of questions"), Role.OWNER, Role.HR
)
SEE_OWN_SCORECARD = declare(
    "scorecards.own", _("See and acknowledge how one is assessed oneself"), Role.ASSISTANT, leavers=True
)
DEDUCT_POINTS = declare(
    "scores.deduct",
    _("Take points off the scores of the people below, or of everybody, by role, with a reason"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
SEE_SCORES = declare(
    "scores.see",
    _("See computed scores: those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.AUDITOR,
)
MANAGE_CYCLES = declare(
    "cycles.manage", _("Plan, launch and close review cycles, remind raters"), Role.OWNER, Role.HR
)
FOLLOW_CYCLES = declare(
    "cycles.follow",
    _("See how far a review cycle is: with the people below, or with everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.AUDITOR,
)
REVIEW = declare(
    "reviews.answer",
    _("Review oneself and the people whom one was asked to review"),
    Role.OWNER,
    Role.HR,
    Role.EXECUTIVE,
    Role.MANAGER,
    Role.ASSISTANT,
)
APPROVE_RATERS = declare(
    "reviews.approve_raters", _("Approve the raters of the people below"), Role.OWNER, Role.HR, Role.MANAGER
)
SEE_STATISTICS = declare(
    "reviews.statistics", _("See statistics of raters: leniency, spread, reliability"), Role.OWNER, Role.HR
)
CALIBRATE = declare(
    "reviews.calibrate",
    _("Calibrate scores: all, or in the sessions one was invited to"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
RELEASE = declare("reviews.release", _("Release results"), Role.OWNER, Role.HR)
SEE_RESULTS = declare(
    "results.see",
    _("See released results: one's own, those of people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
COMPARE_RESULTS = declare(
    "results.compare", _("Compare results by unit, tenure and rater"), Role.OWNER, Role.HR, Role.AUDITOR
)
DECIDE_PROPOSALS = declare(
    "results.proposals",
    _("Accept or dismiss what results suggest, for the people below or for everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
SEE_SURVEYS = declare(
    "surveys.see",
    _("See customer surveys that are published"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.AUDITOR,
)
MANAGE_SURVEYS = declare("surveys.manage", _("Make customer surveys, publish and close them"), Role.OWNER, Role.HR)
START_SURVEYS = declare(
    "surveys.start",
    _("Ask a contact whom one sees in full; such answers are for development, never scored"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
SEE_SURVEY_RESULTS = declare(
    "surveys.results",
    _("See results of surveys: one's own, those of people below, or all, by role"),
    Role.OWNER,
    Role.HR,
    Role.EXECUTIVE,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
SEE_WORDS = declare(
    "surveys.words",
    _("Read what customers wrote: about oneself, about people below, or all, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
TAG_WORDS = declare("surveys.themes", _("Give themes to what customers wrote"), Role.OWNER, Role.HR, Role.MANAGER)
SEE_FOLLOW_UPS = declare(
    "surveys.follow_ups",
    _("See follow-ups of low scores: one's own, those about the people below, or everybody's, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
WORK_FOLLOW_UPS = declare(
    "surveys.close_follow_ups",
    _("Work on follow-ups of low scores: hand them over, close them, tell the customer"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
SEE_REMARKS = declare(
    "surveys.remarks",
    _("See what customers said to staff: about oneself, the people below, or everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
)
LOG_REMARKS = declare(
    "surveys.log_remarks",
    _("Log remarks and interviews of customers about oneself and the people below"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
CONFIRM_REMARKS = declare(
    "surveys.confirm_remarks",
    _("Confirm or reject what others logged about the people below, or about everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
)
SEE_FEEDBACK = declare(
    "feedback.see",
    _("Read praise, and the suggestions that are for oneself or were shared with who leads"),
    *EVERY_ROLE,
    leavers=True,
)
GIVE_FEEDBACK = declare(
    "feedback.give",
    _("Give feedback to colleagues, ask for it, react to praise"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
MANAGE_FEEDBACK = declare(
    "feedback.manage", _("Keep the company's values, hide praise from the wall with a reason"), Role.OWNER, Role.HR
)
SEE_TRAINING = declare(
    "training.see",
    _("See the catalogue of courses and their sessions"),
    Role.OWNER,
    Role.HR,
    Role.EXECUTIVE,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.PAYROLL,
    Role.AUDITOR,
)
MANAGE_TRAINING = declare(
    "training.manage", _("Keep the catalogue of courses, open sessions, mark who attended"), Role.OWNER, Role.HR
)
ENROL = declare(
    "training.enrol",
    _("Enrol oneself, the people below or anybody in a training, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
MARK_TRAINING = declare(
    "training.mark",
    _("Mark attendance and results of the trainings that one holds, or of all, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
)
SEE_TRAINING_RECORDS = declare(
    "training.records",
    _("See who took part in trainings: oneself, the people below, or everybody, by role"),
    Role.OWNER,
    Role.HR,
    Role.MANAGER,
    Role.ASSISTANT,
    Role.AUDITOR,
    leavers=True,
)
