"""Sorting Chinese and other names together."""

import unicodedata

from pypinyin import Style, lazy_pinyin


def name_key(name: str) -> str:
    """Return the text by which a name sorts and is found: pinyin for Chinese characters, lower case, at most 240
    characters."""
    folded = unicodedata.normalize("NFKC", name).strip()
    return " ".join(lazy_pinyin(folded, style=Style.NORMAL)).casefold()[:240]
