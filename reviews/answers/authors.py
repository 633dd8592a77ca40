"""All seals of a cycle, opened at once: for the batch of rater statistics only (RULES.md section 7).

What comes out are places in arrays, good for sums over many; no page, export or service may ask who wrote one sheet,
and a test reads the code for who imports this module.
"""

from dataclasses import dataclass

import numpy as np

from reviews.answers import seal
from reviews.answers.columns import AnswerColumns, Ints, keyed_columns, sealed_columns

#: Half a key, as its bytes stand.
BIG = np.dtype(">i8")


@dataclass(frozen=True)
class AuthoredColumns:
    """The answers of a cycle as columns, with the place of each sheet's author among `employee_ids`.

    A sheet sealed under a secret that the settings no longer know has no author: -1.
    """

    answers: AnswerColumns
    employee_ids: Ints
    authors: Ints


def authored_columns(cycle_id: int) -> AuthoredColumns:
    """Return the handed-in answers of a cycle with their authors' places. Three queries."""
    answers, sheets = keyed_columns(cycle_id)
    sealed = sealed_columns(cycle_id)
    people, raters = np.unique(sealed[:, 0], return_inverse=True)
    return AuthoredColumns(answers, people, _places(sheets, raters, sealed[:, 1:].astype(BIG).tobytes()))


def _places(sheets: Ints, raters: Ints, sealed: bytes) -> Ints:
    """Return whose each sheet is, as the place of a rater; keys are found by their first half, then compared."""
    found = np.full(len(sheets), -1, np.int64)
    if not len(raters) or not len(sheets):
        return found
    order = np.argsort(sheets[:, 0])
    first = sheets[order, 0]
    for cipher in seal.ciphers():
        keys = np.frombuffer(seal.opened_bytes([sealed], cipher), dtype=BIG).astype(np.int64).reshape(-1, 2)
        at = order[np.minimum(np.searchsorted(first, keys[:, 0]), len(sheets) - 1)]
        fits = (sheets[at] == keys).all(axis=1)
        found[at[fits]] = raters[fits]
    return found
