"""Personal data in customers' words, masked. Pure."""

import re
from collections.abc import Iterable

# A letter, digit or underscore of a script that puts blanks between words. Chinese does not: a number, an address or
# a name begins right after its characters.
_LETTER = r"[^\W\u2e80-\u9fff]"
# What customers write is tried at every place: every part of a pattern is bounded, or gives nothing back once it
# matched (`++`), so that no text takes long.
_MAIL = re.compile(
    rf"(?<!{_LETTER})(?<![.+-])(?:{_LETTER}|[.+-])++[@＠](?:{_LETTER}|-)++(?:[.．](?:{_LETTER}|-)++)++"
)
# Phone and identity numbers: seven digits or more, with blanks, dots or dashes between them or not.
_NUMBER = re.compile(rf"(?<!{_LETTER})\+?\(?\d(?:[\s().\-–—－]{{0,3}}\d){{6,}}[xX]?")
_CHAT = re.compile(
    r"((?:微信号?|(?<![a-z])(?:wechat|weixin|vx|wx|qq)|加v)[\s:：是]{0,5}+(?:id|号)?+[\s:：是]{0,5}+)"
    r"([A-Za-z0-9][A-Za-z0-9_-]{4,})",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"(股份有限公司|有限责任公司|集团有限公司|有限公司|集团|公司|[\s,]+(gmbh|corp|inc|llc|ltd|co|ag)\.?)$",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"^[\u3400-\u9fff]{2,4}$")
_TITLES = "总|经理|女士|先生|小姐|老师|工|主任|师傅|老板"
GAP = "***"


def masked(text: str, names: Iterable[str]) -> str:
    """Return a text without mail addresses, numbers that reach or identify somebody, chat names, and these names."""
    found = _MAIL.sub(GAP, text)
    found = _CHAT.sub(rf"\1{GAP}", found)
    found = _NUMBER.sub(GAP, found)
    for name in sorted(_said_as(names), key=len, reverse=True):
        found = re.sub(name, GAP, found, flags=re.IGNORECASE)
    return found


def _said_as(names: Iterable[str]) -> set[str]:
    """Return the patterns of how names are written: whole, without the legal form, a family name with a title."""
    found: set[str] = set()
    for name in (one.strip() for one in names):
        if len(name) < 2:
            continue
        found.add(re.escape(name))
        short = _FORM.sub("", name).strip()
        if len(short) >= 2:
            found.add(re.escape(short))
        if _CHINESE.match(name):
            found.add(f"{re.escape(name[0])}(?:{_TITLES})")
            if len(name) > 2:
                found.add(re.escape(name[1:]))
        else:
            found |= {
                rf"(?<!{_LETTER}){re.escape(part)}(?!{_LETTER})"
                for part in re.split(r"[\s,]+", name)
                if len(part) >= 3
            }
    return found
