"""What pages say where there is nothing to answer, and the few words around the form."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from reviews.answering.standing import Standing
from reviews.models import SurveyLanguage


@dataclass(frozen=True)
class Message:
    """A heading and what to do now; `{company}` in the text becomes the company's name."""

    heading: str | Promise
    text: str | Promise


WRONG = Message(
    _("This link does not lead to a survey"),
    _(
        "Part of the address may be missing: some programs break long ones. Open the link once more, in the mail or "
        "where you got it."
    ),
)
TOO_MANY = Message(
    _("That was often in a short time"),
    _("Wait a minute, then open the link once more. What was sent before is kept."),
)
TWICE = Message(
    _("This survey was answered already"),
    _(
        "An answer came by this link before: from you on another page, or from somebody who got your mail. It "
        "counts; what you sent just now was not kept. If it is wrong, correct it."
    ),
)
TWICE_BY_LINK = Message(
    _("This survey was answered already"),
    _("An answer came by this link before. It counts; what you sent just now was not kept."),
)
ASK_NOT_MINE = Message(
    _("Is this not yours?"),
    _("Then what was answered here is deleted and counts for nobody. This can't be undone."),
)
OF_STANDING = {
    Standing.DISOWNED: Message(
        _("Thank you for telling us"),
        _("What was answered here is deleted, and nothing of it counts. You need not do anything else."),
    ),
    Standing.FINAL: Message(
        _("You have answered this survey"),
        _("Thank you! Your answer has reached {company}. It could be corrected for 7 days and stands now."),
    ),
    Standing.EXPIRED: Message(
        _("The time to answer is over"),
        _("Thank you for coming back to it. If you want to tell {company} something, answer the mail."),
    ),
    Standing.CLOSED: Message(
        _("This survey was closed"),
        _("{company} takes no more answers to it. If you want to tell them something, answer the mail."),
    ),
    Standing.GONE: Message(
        _("There is nothing to answer here any more"),
        _("The survey was called off, or what it was about was deleted. You need not do anything."),
    ),
}
#: The same to who got a link from somebody: there is no mail to answer.
OF_STANDING_BY_LINK = OF_STANDING | {
    Standing.EXPIRED: Message(
        _("The time to answer is over"),
        _("Thank you for coming back to it. If you want to tell {company} something, tell who gave you this link."),
    ),
    Standing.CLOSED: Message(
        _("This survey was closed"),
        _("{company} takes no more answers to it. If you want to tell them something, tell who gave you this link."),
    ),
}
CONFIRM_NOT_MINE = _("It is not mine: delete it")
TO_THANKS = _("To the answer")


def not_mine(after: str) -> str:
    """Return the question behind which a customer says that something is not theirs."""
    found = {
        "order": pgettext("survey", "Not your order?"), "visit": pgettext("survey", "You had no such visit?"),
        "ticket": pgettext("survey", "Not your request?"),
        "follow_up": pgettext("survey", "You had no such contact?"),
    }  # fmt: skip
    return found.get(after, pgettext("survey", "Not a customer?"))


def other(language: str) -> str:
    """Return the other one of the two languages."""
    return str(SurveyLanguage.ZH if language == SurveyLanguage.EN else SurveyLanguage.EN)


def filled(text: str | Promise, values: dict[str, str]) -> str:
    """Return a text with the names filled in; one with braces stays as it is."""
    shown = str(text)
    for name, value in values.items():
        shown = shown.replace("{" + name + "}", value)
    return shown
