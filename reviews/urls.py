"""Pages of reviews, below `/w/<slug>/`."""

from reviews.asking.urls import urlpatterns as asking_urls
from reviews.assessed.urls import urlpatterns as assessed_urls
from reviews.calibration.urls import urlpatterns as calibration_urls
from reviews.cycles.urls import urlpatterns as cycles
from reviews.deductions.urls import urlpatterns as deductions_urls
from reviews.feedback.requested.urls import urlpatterns as requested_urls
from reviews.feedback.urls import urlpatterns as feedback_urls
from reviews.followups.urls import urlpatterns as follow_up_urls
from reviews.forms.urls import urlpatterns as forms_urls
from reviews.handing.urls import urlpatterns as handing_urls
from reviews.mailing.urls import urlpatterns as mailing_urls
from reviews.raters.urls import urlpatterns as rater_urls
from reviews.remarks.urls import urlpatterns as remark_urls
from reviews.results.urls import urlpatterns as result_urls
from reviews.scorecards.urls import urlpatterns as scorecards_urls
from reviews.scores.urls import urlpatterns as score_urls
from reviews.statistics.urls import urlpatterns as statistics_urls
from reviews.surveys.urls import urlpatterns as survey_urls
from reviews.training.urls import urlpatterns as training_urls
from reviews.voice.urls import urlpatterns as voice_urls

urlpatterns = [
    *score_urls,
    *cycles,
    *rater_urls,
    *forms_urls,
    *calibration_urls,
    *assessed_urls,
    *scorecards_urls,
    *deductions_urls,
    *statistics_urls,
    *result_urls,
    *feedback_urls,
    *requested_urls,
    *follow_up_urls,
    *remark_urls,
    *survey_urls,
    *mailing_urls,
    *asking_urls,
    *handing_urls,
    *voice_urls,
    *training_urls,
]
