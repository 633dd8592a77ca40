"""Sorting Chinese and other names together."""

import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin


def name_key(name: str) -> str:
    """Return the text by which a name sorts and is found: pinyin for Chinese characters, lower case, at most 240
    characters."""
    folded = unicodedata.normalize("NFKC", name).strip()
    return " ".join(lazy_pinyin(folded, style=Style.NORMAL)).casefold()[:240]


@lru_cache(maxsize=8192)
def sort_key(name: str) -> str:
    """Return `name_key` of a name that is sorted again and again (units, positions), remembered."""
    return name_key(name)
