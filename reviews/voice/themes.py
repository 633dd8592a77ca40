"""Themes of customers' words: the vocabulary, what words suggest, and giving a theme to words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from perfmgmt.tenants.locks import Lock, wait_lock
from perfmgmt.tenants.scope import current_tenant_id
from reviews.models import ThemedWords, VoiceTheme

#: The ready themes: names, and words that suggest them.
READY: tuple[tuple[str, str, str, str], ...] = (
    ("价格", "Price", "价格\n报价\n太贵\n便宜\n费用", "price\nexpensive\ncheap\nquote\ncost"),
    ("交付", "Delivery", "交付\n交货\n物流\n发货\n到货\n延期", "deliver\nshipping\nshipment\nlate\ndelay"),
    ("服务态度", "Attitude", "态度\n热情\n耐心\n不耐烦\n礼貌", "attitude\nfriendly\nrude\npolite\npatient"),
    ("专业知识", "Knowledge", "专业\n懂\n不了解\n技术\n讲解", "knowledge\nexpert\nexplain\ntechnical\ncompetent"),
    ("响应速度", "Speed", "响应\n回复\n太慢\n及时\n很快", "slow\nquick\nfast\nrespon\nreply"),
    ("售后", "After-sales", "售后\n维修\n保修\n退货\n安装", "after-sales\nrepair\nwarranty\nreturn\ninstall"),
    ("产品质量", "Product quality", "质量\n故障\n坏了\n耐用", "quality\nbroken\ndefect\nreliable"),
)


def suggested(theme: VoiceTheme, text: str) -> bool:
    """Whether one of a theme's words is in a text: in Chinese anywhere, in English where a word begins."""
    folded = text.casefold()
    chinese = any(word in folded for word in _lines(theme.words_zh))
    return chinese or any(re.search(rf"\b{re.escape(word)}", folded) for word in _lines(theme.words_en))


def _lines(text: str) -> list[str]:
    return [word for line in text.casefold().splitlines() if (word := line.strip())]


PARAMETERS = ("q", "state", "sort")
STATES = ("used", "archived")
SORTS = ("", "name", "-name", "state", "-state")


@dataclass(frozen=True)
class Wanted:
    """What an address of the list of themes asks for, with nonsense taken out."""

    search: str = ""
    state: str = ""
    sort: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.search or self.state)


def read(query: Mapping[str, str]) -> Wanted:
    """Return what an address asks for."""
    state, sort = query.get("state", ""), query.get("sort", "")
    return Wanted(
        search=query.get("q", "")[:100].replace("\0", "").strip(),
        state=state if state in STATES else "", sort=sort if sort in SORTS else "",
    )  # fmt: skip


def listed(wanted: Wanted) -> list[VoiceTheme]:
    """Return the themes whose names or words have what is searched, archived ones last unless sorted; one query."""
    text = wanted.search.casefold()
    found = [
        one for one in VoiceTheme.objects.all()
        if wanted.state in ("", "archived" if one.is_archived else "used")
        and text in "\n".join((one.name_zh, one.name_en, one.words_zh, one.words_en)).casefold()
    ]  # fmt: skip
    found.sort(key=lambda one: (one.place, one.pk))
    by = wanted.sort.removeprefix("-")
    if by == "name":
        found.sort(key=lambda one: one.name.casefold(), reverse=wanted.sort.startswith("-"))
    else:
        found.sort(key=lambda one: one.is_archived, reverse=wanted.sort == "-state")
    return found


@transaction.atomic
def install_ready() -> int:
    """Add the ready themes whose names are missing; return how many. Of two at once the second adds none."""
    wait_lock(Lock.THEMES, current_tenant_id())
    there = set(VoiceTheme.objects.values_list("name_zh", flat=True))
    new = [one for one in READY if one[0] not in there]
    VoiceTheme.objects.bulk_create(
        VoiceTheme(name_zh=zh, name_en=en, words_zh=words_zh, words_en=words_en, place=at)
        for at, (zh, en, words_zh, words_en) in enumerate(new, len(there))
    )
    return len(new)


@transaction.atomic
def switch(answer_id: int, theme_id: int, *, on: bool, user_id: int) -> None:
    """Give words a theme, or take it back; twice is once. Both ids are known to be the viewer's to use."""
    if on:
        ThemedWords.objects.get_or_create(answer_id=answer_id, theme_id=theme_id, defaults={"by_id": user_id})
    else:
        ThemedWords.objects.filter(answer_id=answer_id, theme_id=theme_id).delete()
