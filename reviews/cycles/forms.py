"""Forms of the steps of a cycle, and of what HR does on the board."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfmgmt.people import directory
from perfmgmt.people.forms import PersonField, day_field
from perfmgmt.people.models import Employee, SalesRoleType
from perfmgmt.people.selectors import spelt
from perfmgmt.tenants.calendar import Grain, Period
from perfmgmt.tenants.models import WorkspaceRules
from reviews.cycles.drafting import NOMINATED, GroupDraft
from reviews.cycles.people import ids_in
from reviews.cycles.problems import floor_of
from reviews.models import Questionnaire, RaterKind, ReviewCycle, Rhythm

MOST_NAMES = 200


class WhoForm(forms.Form):
    """Whom a cycle is for: units, positions, types, people on top, people left out."""

    units = forms.MultipleChoiceField(label=_("Units, with everything below"), required=False,
                                      widget=forms.CheckboxSelectMultiple)  # fmt: skip
    positions = forms.MultipleChoiceField(label=_("Positions"), required=False, widget=forms.CheckboxSelectMultiple)
    types = forms.MultipleChoiceField(
        label=_("Sales role types"),
        required=False,
        choices=SalesRoleType.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    people = forms.MultipleChoiceField(label=_("People"), required=False, widget=forms.CheckboxSelectMultiple)
    without = forms.MultipleChoiceField(label=_("Left out"), required=False, widget=forms.CheckboxSelectMultiple)
    add_people = forms.CharField(
        label=_("Add people"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Employee numbers or names, one on each line. They come on top of what is chosen above."),
    )  # fmt: skip
    add_without = forms.CharField(
        label=_("Leave people out"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Employee numbers or names, one on each line."),
    )  # fmt: skip

    def __init__(self, data: Any, *, audience: dict[str, Any]) -> None:
        options = directory.options()
        initial = {name: audience.get(name) or [] for name in ("units", "positions", "types", "people", "without")}
        super().__init__(data, initial=initial)
        self.units_tree = options.units
        self._choices("units", [(pk, "　" * depth + name) for pk, name, depth in options.units])
        self._choices("positions", options.positions)
        names = dict(
            Employee.objects.filter(pk__in=[*ids_in(audience, "people"), *ids_in(audience, "without")])
            .order_by("name_key")
            .values_list("pk", "name")
        )
        for name in ("people", "without"):
            chosen = set(ids_in(audience, name))
            self._choices(name, [(pk, word) for pk, word in names.items() if pk in chosen])

    def _choices(self, name: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        field.choices = [(str(pk), word) for pk, word in choices]  # type: ignore[attr-defined]

    def clean_add_people(self) -> list[int]:
        """Find the people that were typed."""
        return _named(self.cleaned_data["add_people"])

    def clean_add_without(self) -> list[int]:
        """Find the people that were typed."""
        return _named(self.cleaned_data["add_without"])

    def audience(self) -> dict[str, Any]:
        """Return what was chosen, as a cycle keeps it; the form must be valid."""
        data = self.cleaned_data
        without = sorted({*map(int, data["without"]), *data["add_without"]})
        people = sorted({*map(int, data["people"]), *data["add_people"]} - set(without))
        found: dict[str, Any] = {
            "units": sorted(map(int, data["units"])), "positions": sorted(map(int, data["positions"])),
            "types": sorted(data["types"]), "people": people, "without": without,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value}


def _named(text: str) -> list[int]:
    """Return the people of a list of numbers and names; three queries, or two more for each pinyin."""
    lines = [line.strip() for line in text.replace("，", "\n").replace(",", "\n").splitlines() if line.strip()]
    if len(lines) > MOST_NAMES:
        raise forms.ValidationError(_t("At most {n} at once.").format(n=MOST_NAMES))
    numbers = dict(Employee.objects.filter(number__in=lines).values_list("number", "pk"))
    by_name: dict[str, list[int]] = {}
    for name, pk in Employee.objects.filter(name__in=lines).values_list("name", "pk"):
        by_name.setdefault(name, []).append(pk)
    found, unknown = [], []
    for line in lines:
        same = [numbers[line]] if line in numbers else by_name.get(line) or _spelt(line)
        if len(same) == 1:
            found.append(same[0])
        else:
            unknown.append(line)
    if unknown:
        text = _t("Nobody, or more than one, is found by: {names}. Type the employee number.")
        raise forms.ValidationError(text.format(names=", ".join(unknown[:10])))
    return found


def _spelt(line: str) -> list[int]:
    return list(spelt(line).values_list("pk", flat=True)[:2])


class PeriodForm(forms.Form):
    """What a cycle is called, and which period it is about."""

    name = forms.CharField(label=pgettext_lazy("cycle", "Name"), max_length=120)
    period = forms.ChoiceField(
        label=pgettext_lazy("cycle", "Period"),
        help_text=_("Figures, scorecards and reporting lines of this period count."),
    )

    def __init__(self, data: Any, *, cycle: ReviewCycle, today: Any, fiscal_start_month: int) -> None:
        current = Period(Grain(cycle.grain), cycle.start, fiscal_start_month)
        super().__init__(data, initial={"name": cycle.name, "period": current.label})
        self.fiscal_start_month = fiscal_start_month
        found: list[tuple[str, list[tuple[str, str]]]] = []
        for grain, back in ((Grain.MONTH, 14), (Grain.QUARTER, 6), (Grain.YEAR, 2)):
            here = Period.containing(grain, today, fiscal_start_month)
            periods = [here.next(step) for step in range(1, -back, -1)]
            if current.grain is grain and current not in periods:
                periods.append(current)
            found.append((str(Rhythm(int(grain)).label), [(each.label, _word(each)) for each in periods]))
        self.fields["period"].choices = found  # type: ignore[attr-defined]

    def chosen(self) -> Period:
        """Return the period that was chosen; the form must be valid."""
        return Period.parse(self.cleaned_data["period"], self.fiscal_start_month)


def _word(period: Period) -> str:
    from perfmgmt.web import formats

    return formats.period(period)


class QuestionnairesForm(forms.Form):
    """Which questionnaires a cycle asks."""

    questionnaires = forms.MultipleChoiceField(
        label=_("Questionnaires"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("They are asked in this order. Questions are copied at the launch and don't change any more."),
    )  # fmt: skip

    def __init__(self, data: Any, *, cycle: ReviewCycle) -> None:
        chosen = list(cycle.forms.values_list("questionnaire_id", flat=True))
        super().__init__(data, initial={"questionnaires": [str(pk) for pk in chosen]})
        rows = {row.pk: row for row in Questionnaire.objects.filter(archived_at=None).order_by("purpose", "pk")}
        ordered = [rows[pk] for pk in chosen if pk in rows] + [row for pk, row in rows.items() if pk not in chosen]
        self.fields["questionnaires"].choices = [  # type: ignore[attr-defined]
            (str(row.pk), f"{row.name} · {row.get_purpose_display()}") for row in ordered
        ]


class GroupForm(forms.Form):
    """One rater group: whether it is asked, its weight, its minimum, and how many are nominated."""

    used = forms.BooleanField(label=_("Asked"), required=False)
    weight = forms.DecimalField(label=_("Weight in percent"), min_value=0, max_value=100, max_digits=5,
                                decimal_places=2, required=False)  # fmt: skip
    minimum = forms.IntegerField(label=_("Minimum"), min_value=1, max_value=50, required=False)
    merges = forms.BooleanField(label=_("Merge when small"), required=False)
    least = forms.IntegerField(label=_("Nominated at least"), min_value=0, max_value=50, required=False)
    most = forms.IntegerField(label=_("Nominated at most"), min_value=0, max_value=50, required=False)

    def __init__(
        self, data: Any, *, kind: RaterKind, cycle: ReviewCycle, rules: WorkspaceRules, current: Any
    ) -> None:
        self.kind, self.floor = kind, floor_of(kind, rules)
        self.is_nominated = kind in NOMINATED
        row = current.get(kind)
        initial = {
            "used": row is not None, "weight": f"{row.weight.normalize():f}" if row else "0",
            "minimum": row.minimum if row else self.floor, "merges": row.merges if row else self.floor > 1,
            "least": row.least if row else (self.floor if self.is_nominated else 0),
            "most": row.most if row else (2 * self.floor if self.is_nominated else 0),
        }  # fmt: skip
        super().__init__(data, prefix=kind.value, initial=initial)
        self.fields["weight"].widget.attrs |= {"data-weight": "", "step": "0.01", "inputmode": "decimal"}
        self.fields["minimum"].widget.attrs["min"] = self.floor
        for name in ("used", "merges"):
            self.fields[name].widget.attrs["class"] = "form-check-input"
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{kind.label}: {field.label}"
            if name in ("least", "most") and not self.is_nominated:
                field.widget = forms.HiddenInput()
            if name == "merges" and self.floor == 1:
                field.widget = forms.HiddenInput()

    @property
    def word(self) -> str:
        """What the group is called."""
        return str(self.kind.label)

    def group(self) -> GroupDraft | None:
        """Return what was typed; None for a group that is not asked."""
        data = self.cleaned_data
        if not data["used"]:
            return None
        nominated = self.is_nominated
        return GroupDraft(
            self.kind.value, data["weight"] or Decimal(0), data["minimum"] or self.floor,
            bool(data["merges"]) and self.floor > 1, (data["least"] or 0) if nominated else 0,
            (data["most"] or 0) if nominated else 0,
        )  # fmt: skip


class LoadForm(forms.Form):
    """How many colleagues one rater reviews at most."""

    most_per_rater = forms.IntegerField(
        label=_("Most reviews of colleagues for one rater"), min_value=1, max_value=200,
        help_text=_("Nominations beyond it are refused, so that nobody drowns in reviews."),
    )  # fmt: skip


class DatesForm(forms.Form):
    """The deadlines of a cycle."""

    nominate_until = day_field(_("Nominations until"), required=False)
    answer_until = day_field(_("Answers until"), required=False)
    release_on = day_field(_("Results planned for"), required=False)
    closes_after = forms.IntegerField(
        label=_("Closes by itself, days after the last deadline"), min_value=0, max_value=60, required=False,
        help_text=_("Counted from the day until which anybody has time. Raters and HR are told before. Empty: you "
                    "close it yourself."),
    )  # fmt: skip
    nudges = forms.BooleanField(
        label=_("Reminders go out by themselves"), required=False,
        help_text=_("A week, three days and one day before the deadline, on it and for a week after it; on working "
                    "days, in the hours the workspace sends in, once a day at most."),
    )  # fmt: skip


class VisibilityForm(forms.Form):
    """Who sees what of a cycle, and the guideline of the distribution."""

    shows_comments = forms.BooleanField(label=_("People see the comments about them"), required=False)
    shows_groups = forms.BooleanField(
        label=_("People see scores by rater group"), required=False,
        help_text=_("Groups below their minimum are never shown, to anybody."),
    )  # fmt: skip
    uses_adjusted = forms.BooleanField(
        label=_("Scores use the adjusted 360 score"), required=False,
        help_text=_("With the leniency of raters taken out. Both values are always shown side by side."),
    )  # fmt: skip
    asks_potential = forms.BooleanField(
        label=_("Managers are asked about potential"), required=False,
        help_text=_("For the 9-box of calibration. People never see it."),
    )  # fmt: skip

    def __init__(self, data: Any, *, cycle: ReviewCycle, grades: list[str]) -> None:
        names = ("shows_comments", "shows_groups", "uses_adjusted", "asks_potential")
        super().__init__(data, initial={name: getattr(cycle, name) for name in names})
        self.grades = grades
        for grade in grades:
            self.fields[f"grade-{grade}"] = forms.DecimalField(
                label=grade, min_value=0, max_value=100, max_digits=5, decimal_places=2, required=False,
                initial=(cycle.guideline or {}).get(grade), widget=forms.NumberInput(attrs={"data-weight": ""}),
            )  # fmt: skip

    @property
    def switches(self) -> list[Any]:
        """The fields of what is visible."""
        return [self[name] for name in ("shows_comments", "shows_groups", "uses_adjusted", "asks_potential")]

    @property
    def shares(self) -> list[Any]:
        """The fields of the guideline."""
        return [self[f"grade-{grade}"] for grade in self.grades]

    def changes(self) -> dict[str, Any]:
        """Return the fields of the cycle; the form must be valid."""
        data = self.cleaned_data
        shares = {grade: str(data[f"grade-{grade}"]) for grade in self.grades if data[f"grade-{grade}"] is not None}
        names = ("shows_comments", "shows_groups", "uses_adjusted", "asks_potential")
        return {**{name: data[name] for name in names}, "guideline": shares}


class UntilForm(forms.Form):
    """Until when."""

    until = day_field(_("Until"))


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class AddPersonForm(ReasonForm):
    """Who comes into an open cycle, and why."""

    field_order = ("employee", "reason")

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"] = PersonField(slug=slug, label=_("Person"))
        self.order_fields(self.field_order)


class ReassignForm(ReasonForm):
    """Who is asked in place of a rater, and why."""

    field_order = ("to", "reason")

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = PersonField(slug=slug, label=_("In their place"))
        self.order_fields(self.field_order)
