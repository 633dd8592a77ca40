"""The tasks of the app's slices: Celery looks for them in a module of this name."""

from reviews.answering.tasks import feed_answers
from reviews.asking.tasks import ask_customers, ask_customers_of
from reviews.cycles.tasks import end_cycles, end_cycles_of, remind_of_cycles, remind_of_cycles_of
from reviews.feedback.requested.tasks import remind_of_feedback, remind_of_feedback_of
from reviews.followups.tasks import remind_of_follow_ups, remind_of_follow_ups_of
from reviews.mailing.tasks import write_surveys, write_surveys_of
from reviews.raters.reminders import remind_of_raters, remind_of_raters_of
from reviews.results.tasks import settle_voices, settle_voices_of
from reviews.scores.tasks import begin_scores, begin_scores_of, drain_scores
from reviews.training.tasks import remind_of_trainings, remind_of_trainings_of

__all__ = [
    "ask_customers",
    "ask_customers_of",
    "begin_scores",
    "begin_scores_of",
    "drain_scores",
    "end_cycles",
    "end_cycles_of",
    "feed_answers",
    "remind_of_cycles",
    "remind_of_cycles_of",
    "remind_of_feedback",
    "remind_of_feedback_of",
    "remind_of_follow_ups",
    "remind_of_follow_ups_of",
    "remind_of_raters",
    "remind_of_raters_of",
    "remind_of_trainings",
    "remind_of_trainings_of",
    "settle_voices",
    "settle_voices_of",
    "write_surveys",
    "write_surveys_of",
]
