"""People are told once of all goals that were just proposed to them, in the words of the agreement."""

from collections import defaultdict
from collections.abc import Mapping

from goals.agreement.notices import PROPOSED
from perfmgmt.notify.notifications import tell
from perfmgmt.people.telling import accounts_of


def tell_proposed(by_person: Mapping[int, int], *, key: str, by_user_id: int, title: str) -> int:
    """Tell each person once how many goals (`by_person`) were proposed to them; return how many people are told.

    `title` is shown where it is one goal only.
    """
    accounts, by_count = accounts_of(by_person), defaultdict[int, set[int]](set)
    for employee_id, n in by_person.items():
        if accounts.get(employee_id, by_user_id) != by_user_id:
            by_count[n].add(accounts[employee_id])
    return sum(
        tell(PROPOSED, user_ids=users, path="goals/?state=proposed", key=key, n=n, title=title)
        for n, users in by_count.items()
    )
