"""Why a row is refused: a key and parameters, which become a sentence in the language of whoever reads it."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# No reason is longer; what it quotes of the file is shortened before.
MOST_REASON = 400
# As much of a value as is shown where it is refused.
MOST_SHOWN = 80
# Where something is wrong, and what; Chinese has a colon of its own.
AT = _("{place}: {said}")
REASONS: dict[str, Promise | str] = {
    "missing_date": _("the date is missing"),
    "missing_value": _("the value is missing"),
    "missing_person": _("the person is missing"),
    "missing_share": _("the share is missing"),
    "missing_text": _("it is empty"),
    "empty": _("the row is empty"),
    "no_id": _("the row has no id in “{column}”"),
    "ragged": _("the row has {found} fields, the header {wanted}"),
    "in_future": _("“{text}” lies in the future"),
    "too_early": _("“{text}” lies before 1900"),
    "not_a_date": _("“{text}” is not a date; write it as 2026-03-31"),
    "not_a_number": _("“{text}” is not a number"),
    "too_large": _("“{text}” is too large"),
    "too_long": _("“{text}” is too long"),
    "control_characters": _("“{text}” contains control characters"),
    "unknown_person": _("nobody here is called “{text}”; import people first or correct the name"),
    "ambiguous_person": _("several people are called “{text}”; use employee numbers"),
    "unknown_metric": _("the workspace has no metric “{text}” that takes facts"),
    "not_a_currency": _("“{text}” is not a currency code such as CNY"),
    "not_a_share": _("“{text}” is not a share between 0% and 100%"),
    "not_full_time_share": _("“{text}” is not a share between 0 and 1"),
    "not_an_email": _("“{text}” is not an email address"),
    "not_a_role_type": _("“{text}” is not a sales role type (hunter, farmer, support)"),
    "days_reversed": _("“{first}” is later than “{last}”"),
    "leaves_before_hired": _("the leave date lies before the hire date"),
    "own_manager": _("nobody can be their own manager"),
    "same_person_twice": _("the same person stands in the row twice, as owner or supporter"),
    "too_much_share": _("the shares add up to more than 100%"),
    "no_share": _("a supporter needs a share above 0%"),
    "nobodys_share": _("there is a share, but nobody it belongs to"),
    "doubled_id": _("the id is the same as in row {row}"),
    "doubled_metric": _("the row gives the same metric twice"),
    "no_rate": _("there is no exchange rate for this currency on that day"),
    "converted_too_large": _("converted, the amount is too large"),
    "doubled_person": _("the person stands in row {row} already"),
    "manager_not_imported": _("the manager “{text}” could not be imported"),
    "unknown_manager": _("the manager “{text}” is unknown"),
    "their_own_manager": _("{name} can't be their own manager."),
    "below_them": _(
        "{manager} stands below {name} on {day} already, so {manager} can't be the manager of {name} then."
    ),
    "taken": _("the number or address belongs to another person"),
    "nameless_contact": _("the row names neither a company nor a contact"),
    "not_a_language": _("“{text}” is not a language that mail is written in (zh-hans, en)"),
    "not_a_time_zone": _("“{text}” is not a time zone such as Asia/Shanghai"),
    "not_a_consent": _("“{text}” is no consent; write given, withdrawn or refused"),
    "doubled_contact": _("the contact stands in row {row} already"),
    "owner_without_customer": _("the row names who looks after a company, but no company"),
    "consent_said_no": _("the contact said no to mail before; only their page can record a new consent"),
}
# What programs are told, where it is not the key.
CODES = {
    "missing_date": "missing", "missing_value": "missing", "missing_person": "missing", "missing_share": "missing",
    "missing_text": "missing", "converted_too_large": "too_large",
}  # fmt: skip


def shorten(text: str, most: int = MOST_SHOWN) -> str:
    """Return the text as it may stand in a message: bounded, and without what PostgreSQL's JSON can't hold."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    if shown.isprintable():
        return shown
    return "".join(character if character.isprintable() else "\ufffd" for character in shown)


class Reason(str):
    """A reason as a sentence, and what it was made of: `key` of REASONS, `params`, and the `place` it stands in.

    `code` says it to programs and never changes.
    """

    key: str
    place: str
    params: dict[str, Any]

    @classmethod
    def of(cls, key: str, place: str = "", **params: Any) -> "Reason":
        """Return a reason, said in the language that is active now."""
        place = shorten(place)
        made = cls(_sentence(key, place, params))
        made.key, made.place, made.params = key, place, params
        return made

    @property
    def code(self) -> str:
        return CODES.get(self.key, self.key)

    def again(self) -> str:
        """Return the sentence in the language that is active now."""
        return _sentence(self.key, self.place, self.params)


class Refusal(Exception):
    """A text can't be used; `key` of REASONS says why. `ready` is the whole reason, where it is known already."""

    def __init__(self, key: str, ready: Reason | None = None) -> None:
        self.key, self.ready = key, ready
        super().__init__(key)

    def reason(self) -> Reason:
        """Return the reason."""
        return self.ready or Reason.of(self.key)


def _sentence(key: str, place: str, params: dict[str, Any]) -> str:
    said = str(REASONS[key]).format(**params)
    return str(AT).format(place=place, said=said) if place else said


def kept(reason: str) -> dict[str, Any]:
    """Return what is stored of a reason: the sentence as it was said, and what it is made of."""
    stored: dict[str, Any] = {"reason": shorten(reason, MOST_REASON)}
    if isinstance(reason, Reason):
        stored |= {"why": reason.key, "params": reason.params}
        if reason.place:
            stored["place"] = reason.place
    return stored


def code_of(stored: dict[str, Any]) -> str:
    """Return what programs are told about a stored reason."""
    key = str(stored.get("why", "invalid"))
    return CODES.get(key, key)


def said(stored: dict[str, Any]) -> str:
    """Return a stored reason in the language that is active now; one of an earlier version as it was said then."""
    key = stored.get("why")
    if key not in REASONS:
        return str(stored["reason"])
    try:
        sentence = _sentence(key, stored.get("place", ""), stored.get("params", {}))
    except (KeyError, IndexError):  # a sentence that has got other parameters since
        return str(stored["reason"])
    return shorten(sentence, MOST_REASON)
