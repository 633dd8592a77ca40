"""Survey mails by the thousand: each kind of mail is laid out once, and what differs is put in.

Laying one out (templates, styles inlined) takes milliseconds, putting three words into it none. What differs between
the mails of a version is who served, the number of the order and the link; the rest is the same for a day.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.html import escape
from django.utils.translation import gettext as _t
from django.utils.translation import override

from perfmgmt.notify.letters import Written
from reviews.mailing.links import address, unsubscribe_address
from reviews.surveys.content import Occasion, Rated, SurveyDraft
from reviews.surveys.filling import filled, one_line, values_for
from reviews.surveys.letters import letter

# Signs of a script that nobody has written for three thousand years stand for what differs.
PERSON, NUMBER, TOKEN = "\U00010080", "\U00010081", "\U00010082"


@dataclass(frozen=True)
class Ask:
    """What one mail is about. `picture` says whether the version's logo travels inside it."""

    version_id: int
    draft: SurveyDraft
    language: str
    occasion: Occasion
    tenant_id: int
    picture: bool = False
    is_reminder: bool = False


class Stencils:
    """Keeps what is laid out for as long as one piece of work goes on."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], tuple[str, str]] = {}
        self._plain: dict[int, bool] = {}

    def write(self, ask: Ask, token: str) -> Written:
        """Return the mail with the links of a token: what `letter` would write, byte for byte but for escapes."""
        subject = _subject(ask)
        rated = ask.occasion.rated
        if not self._fits(ask) or _has_sign(rated.person + rated.number):
            whole = _lay_out(ask, ask.occasion, token)
            return Written(subject, whole.text, whole.html)
        text, html = self._stencil(ask)
        values = {PERSON: one_line(rated.person), NUMBER: one_line(rated.number), TOKEN: token}
        for mark, value in values.items():
            text, html = text.replace(mark, value), html.replace(mark, str(escape(value)))
        return Written(subject, text, html)

    def _fits(self, ask: Ask) -> bool:
        """Whether none of the signs stands in the version's own texts."""
        if ask.version_id not in self._plain:
            self._plain[ask.version_id] = not _has_sign(f"{ask.draft!r}{ask.occasion.company}")
        return self._plain[ask.version_id]

    def _stencil(self, ask: Ask) -> tuple[str, str]:
        rated = ask.occasion.rated
        marked = Rated(
            rated.kind, NUMBER if one_line(rated.number) else "", rated.day, PERSON if one_line(rated.person) else ""
        )
        key = (ask.version_id, ask.language, ask.picture, ask.occasion.company, ask.occasion.purpose, marked)
        if key not in self._made:
            whole = _lay_out(ask, Occasion(ask.occasion.company, ask.occasion.purpose, marked), TOKEN)
            self._made[key] = (whole.text, whole.html)
        return self._made[key]


def _has_sign(text: str) -> bool:
    return any(mark in text for mark in (PERSON, NUMBER, TOKEN))


def _lay_out(ask: Ask, occasion: Occasion, token: str) -> Written:
    other = next(code for code in ask.draft.languages if code != ask.language)
    return letter(
        ask.draft, ask.language, occasion,
        answer_url=lambda score: address(token, ask.tenant_id, score=score),
        unsubscribe_url=unsubscribe_address(token, ask.tenant_id),
        other_url=address(token, ask.tenant_id, lang=other),
        logo_url="cid:logo" if ask.picture else "",
    )  # fmt: skip


def _subject(ask: Ask) -> str:
    values = values_for(ask.occasion.rated, ask.occasion.company, ask.language)
    subject = one_line(filled(ask.draft.subject.of(ask.language), values))[:200]
    with override(ask.language):
        return _t("Reminder: {subject}").format(subject=subject) if ask.is_reminder else subject


def rated_of(after: str, number: str, day: date, person: str) -> Rated:
    """Return what an invitation asks about; a relationship has no day."""
    return Rated(after, number, day if after else None, person)
