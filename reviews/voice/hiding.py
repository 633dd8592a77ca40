"""Ids of words as pages show them. Words are stored in the order in which they came, those of one answer one after
the other: their own ids would say which unnamed words belong to which name."""

import hmac
from functools import cache

from django.conf import settings

_HALF = (1 << 32) - 1
_ROUNDS = 4


def shown_id(words_id: int) -> int:
    """Return by which number a page calls words: always the same, without an order, below 2^64."""
    left, right = words_id >> 32, words_id & _HALF
    for turn in range(_ROUNDS):
        left, right = right, left ^ _mixed(right, turn)
    return left << 32 | right


def real_id(shown: int) -> int:
    """Return which words a page calls so; 0 for what no page does."""
    if not 0 <= shown < 1 << 64:
        return 0
    left, right = shown >> 32, shown & _HALF
    for turn in reversed(range(_ROUNDS)):
        left, right = right ^ _mixed(left, turn), left
    return left << 32 | right


def _mixed(half: int, turn: int) -> int:
    return int.from_bytes(hmac.digest(_key(settings.SECRET_KEY), b"%d:%d" % (turn, half), "sha256")[:4])


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"reviews.voice.hiding", "sha256")
