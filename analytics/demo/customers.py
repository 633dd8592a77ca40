"""The demo company's customers: those of its deals, with contacts in every state of consent, and two duplicates."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from analytics.demo.story import Deal
from perfmgmt.customers.consents import note_consent
from perfmgmt.customers.models import Contact, Customer
from perfmgmt.customers.services import store_contact, store_customer, store_owner
from perfmgmt.people.models import Employee

MOST = 60
FAMILY = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗"
GIVEN = ["芳", "伟", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明", "超", "霞", "平", "婷", "丹"]
TITLES = ["采购经理", "采购专员", "行政主管", "总经理助理", "财务经理", "仓储主管"]
# (state, from where it is known, share of the contacts); "" has not been asked.
CONSENTS = [
    ("given", "合同附件", 45), ("given", "展会名片", 20), ("given", "电话确认", 10), ("withdrawn", "退订链接", 6),
    ("refused", "电话确认", 4), ("", "", 15),
]  # fmt: skip
EARLY = timedelta(days=300)


def customers(people: Mapping[str, Employee], deals: Sequence[Deal]) -> None:
    """Make the customers with most deals, who looks after each since when, and their contacts."""
    dice = random.Random("customers")  # noqa: S311 - a story, not a secret
    often = _busy(deals)
    of: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        of[deal.customer].append(deal)
    for number, (name, _times) in enumerate(often.most_common(MOST), 1):
        found = of[name]
        customer = store_customer(
            Customer(),
            {"external_id": name, "name": f"{name}有限公司", "customer_type": found[0].customer_type,
             "region": found[0].region},
        )  # fmt: skip
        _owners(customer, found, people)
        for place in range(1 if dice.random() < 0.7 else 2):
            _contact(customer, number, place, dice)
    _twins(of, often)


def _busy(deals: Sequence[Deal]) -> Counter[str]:
    """Return how much there is to do with each customer: deals of the last three months count five times."""
    recent = max(deal.closed for deal in deals if deal.closed is not None) - timedelta(days=90)
    found: Counter[str] = Counter()
    for deal in deals:
        found[deal.customer] += 5 if deal.closed is not None and deal.closed >= recent else 1
    return found


def _owners(customer: Customer, deals: list[Deal], people: Mapping[str, Employee]) -> None:
    """Whoever opened its first deal looks after it, then whoever has had the newest ones."""
    ordered = sorted(deals, key=lambda deal: deal.opened)
    for deal in (ordered[0], ordered[-1]):
        employee = people[deal.person]
        if employee.left_on is None or employee.left_on >= deal.opened:
            store_owner(customer.pk, employee, deal.opened)


def _contact(customer: Customer, number: int, place: int, dice: random.Random) -> None:
    english = dice.random() < 0.08
    name = f"{dice.choice(FAMILY)}{dice.choice(GIVEN)}{dice.choice(['', dice.choice(GIVEN)])}"
    with_email = dice.random() < 0.92
    contact = store_contact(
        Contact(customer=customer),
        {"name": f"Alex {chr(65 + number % 26)}." if english else name, "title": dice.choice(TITLES),
         "email": f"kh{number:02}-{place + 1}@customer.example" if with_email else "",
         "phone": f"139{dice.randrange(10**8):08}", "language": "en" if english else "zh-hans"},
    )  # fmt: skip
    state, source, _share = dice.choices(CONSENTS, weights=[each[2] for each in CONSENTS])[0]
    if not state:
        return
    at: datetime = timezone.now() - timedelta(days=dice.randint(20, 280))
    if state == "withdrawn":
        note_consent(contact.pk, state="given", source="合同附件", at=at - EARLY)
    note_consent(
        contact.pk, state=state, source=source, at=at, proof="同意接收满意度调查邮件。" if state == "given" else ""
    )


def _twins(of: Mapping[str, list[Deal]], often: Counter[str]) -> None:
    """One company that was typed twice, and one contact that is in twice."""
    first, second = (name for name, _times in often.most_common(2))
    store_customer(Customer(), {"external_id": f"{first}(旧)", "name": f"{first}股份有限公司",
                                "region": of[first][0].region})  # fmt: skip
    there = Contact.objects.filter(customer__external_id=second).order_by("pk").first()
    if there is not None:
        store_contact(Contact(customer_id=there.customer_id), {"name": there.name, "phone": there.phone})
