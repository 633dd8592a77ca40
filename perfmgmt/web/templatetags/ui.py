"""`{% load ui %}`: icons, formats and the components of `templates/components/`.

Each component template lists its variables in the comment at its top; `/styleguide/` shows all of them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import template
from django.forms import CheckboxInput, ClearableFileInput, RadioSelect, Select, SelectMultiple, Widget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from perfmgmt.web import formats
from perfmgmt.web.icons import render_icon
from perfmgmt.web.statuses import STATUSES

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.core.paginator import Page
    from django.forms import BoundField
    from django.http import QueryDict
    from django.template.context import Context

    from perfmgmt.web.charts import Chart

register = template.Library()


# --- icons and formats -------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: int = 18, label: str = "") -> SafeString:
    """`{% icon "users" %}`: decoration; with `label=` an image with that name."""
    return render_icon(name, size, label)


@register.filter(is_safe=True)
def number(value: Any, decimals: int | None = None) -> str:
    """`{{ n|number }}`, `{{ n|number:2 }}`."""
    return formats.number(value, decimals)


@register.filter(is_safe=True)
def money(value: Any, currency: str) -> str:
    """`{{ amount|money:workspace.currency }}`."""
    return formats.money(value, currency)


@register.filter(is_safe=True)
def money_short(value: Any, currency: str) -> str:
    """`{{ amount|money_short:"CNY" }}`: ¥481.2万."""
    return formats.money_short(value, currency)


@register.filter(is_safe=True)
def percent(value: Any, decimals: int = 1) -> str:
    """`{{ 0.914|percent }}`: 91.4%."""
    return formats.percent(value, decimals)


@register.filter
def period(value: Any) -> str:
    """`{{ "2017-Q2"|period }}` or a `Period`."""
    return formats.period(value)


@register.filter
def day(value: date | None) -> str:
    """`{{ fact.day|day }}`."""
    return formats.day(value)


@register.filter
def moment(value: datetime | None, time_zone: str = "UTC") -> str:
    """`{{ job.started_at|moment:request.workspace.time_zone }}`."""
    return formats.moment(value, time_zone)


@register.simple_tag(takes_context=True)
def metric_value(context: Context, value: Any, metric: Any, currency: str = "") -> str:
    """`{% metric_value value metric %}`: by the metric's unit; money in the workspace's currency."""
    workspace = getattr(context.get("request"), "workspace", None)
    return formats.metric_value(value, metric, currency or getattr(workspace, "currency", ""))


@register.filter
def first_character(name: str) -> str:
    """For avatars: the family name of a Chinese name, the initial of another."""
    return str(name).strip()[:1].upper() or "?"


# --- addresses ---------------------------------------------------------------------------------------------


def _query(context: Context) -> QueryDict:
    return context["request"].GET.copy()


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: Any) -> str:
    """`{% url_with sort="name" page=None %}`: this page's query changed; None or "" removes a parameter."""
    query = _query(context)
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None and value != "":
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.inclusion_tag("components/keep_query.html", takes_context=True)
def keep_query(context: Context, *drop: str) -> dict[str, Any]:
    """Hidden fields that carry this page's query through a GET form, without the parameters in `drop`."""
    query = _query(context)
    return {"pairs": [(key, value) for key in query if key not in drop for value in query.getlist(key)]}


# --- blocks ------------------------------------------------------------------------------------------------


@register.simple_block_tag
def page_header(content: str, title: str, sub: str = "", back_url: str = "", back_label: str = "") -> SafeString:
    """`{% page_header title=... sub=... %}buttons{% endpage_header %}`: the content is the actions."""
    return _render("page_header", actions=content, title=title, sub=sub, back_url=back_url, back_label=back_label)


@register.simple_block_tag
def card(content: str, title: str = "", note: str = "", flush: bool = False, level: int = 2) -> SafeString:
    """`{% card title=... note=... %}…{% endcard %}`; `flush=True` for tables that reach the edges."""
    return _render("card", body=content, title=title, note=note, flush=flush, heading=f"h{int(level)}")


@register.simple_block_tag
def table_box(content: str, label: str, stack: bool = False) -> SafeString:
    """Around a `<table class="table">`: scrolls in its own box; `stack=True`: rows are cards on a phone."""
    return _render("table_box", body=content, label=label, stack=stack)


@register.simple_block_tag(takes_context=True)
def filter_bar(context: Context, content: str, keep: str = "sort", label: str = "") -> SafeString:
    """A GET form for filters; `keep` names (space separated) the parameters that survive a new filter."""
    query = _query(context)
    pairs = [(key, value) for key in keep.split() for value in query.getlist(key)]
    return _render("filter_bar", body=content, pairs=pairs, label=label or _("Filter"))


@register.simple_block_tag
def callout(content: str, tone: str = "info", icon_name: str = "info-circle") -> SafeString:
    """A remark in the flow of the page: tone info, good, warn or bad."""
    return _render("callout", body=content, tone=tone, icon_name=icon_name)


@register.simple_block_tag
def empty_state(content: str, title: str, text: str = "", icon_name: str = "inbox") -> SafeString:
    """Nothing here yet: a sentence, and as content the button of the next step."""
    return _render("empty_state", actions=content, title=title, text=text, icon_name=icon_name)


@register.simple_block_tag
def error_state(content: str, title: str = "", text: str = "") -> SafeString:
    """A part of the page failed: what to do; as content a button to try again."""
    return _render("error_state", actions=content, title=title or _("This part did not load"), text=text)


def _render(name: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(f"components/{name}.html", context))  # noqa: S308 - a rendered template


def _render_again(name: str, **context: str | bool | None) -> SafeString:
    """Render a component that stands in every row of a list: what was rendered before is remembered.

    Only for templates whose text follows from these variables alone: no request, no words of their own.
    """
    return _remembered(name, tuple(context.items()))


@lru_cache(maxsize=4096)
def _remembered(name: str, items: tuple[tuple[str, str | bool | None], ...]) -> SafeString:
    return _render(name, **dict(items))


# --- single components -------------------------------------------------------------------------------------


@register.inclusion_tag("components/kpi.html")
def kpi(
    label: str,
    value: str,
    suffix: str = "",
    detail: str = "",
    status: str = "",
    url: str = "",
    hint: str = "",
) -> dict[str, Any]:
    """`{% kpi label=... value=... detail=... status="ahead" url=... %}`: one figure that opens its facts."""
    return {**locals(), "missing": value in {"", formats.MISSING}}


@register.simple_tag
def pill(tone: str, word: str, icon_name: str = "") -> SafeString:
    """`{% pill "warn" word "alert-triangle" %}`: tones good, warn, bad, info, mute."""
    return _render_again("pill", tone=tone, word=str(word), icon_name=icon_name)


@register.simple_tag
def status(code: str) -> SafeString:
    """`{% status "at_risk" %}`: pacing and job states (see STATUSES); "at risk" is understood too."""
    found = STATUSES[str(code).replace(" ", "_")]
    return _render_again("pill", tone=found.tone, word=str(found.word), icon_name=found.icon)


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """The first character in a circle; decoration, the name stands beside it. `size="lg"` for headers."""
    return _render_again("avatar", letter=first_character(name), size=size)


@register.inclusion_tag("components/progress.html")
def progress(value: float | None, max: float = 1, label: str = "", text: str = "") -> dict[str, Any]:
    """A job's progress; value None means "busy, length unknown"."""
    return {
        "value": None if value is None else f"{float(value):g}",
        "max": f"{float(max):g}",
        "label": label,
        "text": text,
    }


@register.inclusion_tag("components/job.html", takes_context=True)
def job(context: Context, view: Any) -> dict[str, Any]:
    """`{% job view %}`: a job's state, progress, cancel, error and retry; `view` is a `perfmgmt.jobs.shown.ShownJob`.

    What comes out of a job stands below it, on the page that knows it.
    """
    return {"view": view, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def target_bar(share: Any, marker: Any = None, label: str = "", tone: str = "") -> SafeString:
    """Completion as a bar: `share` 0.87 of the target, `marker` where it should be by now (0.61)."""
    exact, mark = formats.to_decimal(share), formats.to_decimal(marker)
    # A bar that may pass its target keeps a fifth of room, so that 112% is seen to be more than 100%.
    return _render_again(
        "target_bar",
        missing=exact is None,
        width=f"{min(max(float(exact or 0), 0), 1.25) * 80:.1f}",
        mark=None if mark is None else f"{min(max(float(mark), 0), 1.25) * 80:.1f}",
        text=label or (formats.MISSING if exact is None else formats.percent(exact, 0)),
        tone=tone,
    )


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, key: str, label: str, align: str = "", param: str = "sort") -> dict[str, Any]:
    """A `<th>` that sorts: `?sort=key`, again `?sort=-key`; `align="end"` over numbers."""
    current = context["request"].GET.get(param, "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    target = f"-{key}" if direction == "ascending" else key
    return {
        "url": url_with(context, **{param: target, "page": None}),
        "label": label,
        "align": align,
        "dir": direction,
    }


@register.inclusion_tag("components/sort_select.html", takes_context=True)
def sort_select(context: Context, *keys_and_labels: str, default: str = "", param: str = "sort") -> dict[str, Any]:
    """`{% sort_select "name" name_word "value" value_word %}`: what `sort_header` does, for phones, on which a table
    that is `stack=True` has no head. `default` names the order without `?sort=`.
    """
    query = _query(context)
    words = {"": default or _("Usual order")}
    for key, label in zip(keys_and_labels[::2], keys_and_labels[1::2], strict=True):
        words[key] = _("{label}, ascending").format(label=label)
        words[f"-{key}"] = _("{label}, descending").format(label=label)
    current = query.get(param, "")
    return {
        "pairs": [(key, value) for key in query if key not in (param, "page") for value in query.getlist(key)],
        "param": param,
        "options": [{"value": value, "word": word, "current": value == current} for value, word in words.items()],
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], param: str = "page") -> dict[str, Any]:
    """`{% pagination page_obj %}`: nothing for a single page; links keep the other parameters."""
    pages = [
        {
            "number": n,
            "url": url_with(context, **{param: n}),
            "current": n == page.number,
            "gap": not isinstance(n, int),
        }
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    previous = url_with(context, **{param: page.previous_page_number()}) if page.has_previous() else ""
    following = url_with(context, **{param: page.next_page_number()}) if page.has_next() else ""
    return {"page": page, "pages": pages, "previous": previous, "following": following}


@register.inclusion_tag("components/segmented.html", takes_context=True)
def segmented(context: Context, param: str, options: Any, current: str, label: str) -> dict[str, Any]:
    """Links side by side, one current: `options` are (value, word) pairs for the query parameter `param`."""
    links = [
        {
            "url": url_with(context, **{param: value, "page": None}),
            "word": word,
            "current": str(value) == str(current),
        }
        for value, word in options
    ]
    return {"links": links, "label": label}


@register.inclusion_tag("components/loading_state.html")
def loading_state(rows: int = 4, kind: str = "table") -> dict[str, Any]:
    """A skeleton while htmx fetches: wrap it in `class="htmx-indicator"`, or use it as first content."""
    return {"rows": range(int(rows)), "kind": kind}


@register.inclusion_tag("components/chart.html")
def chart(chart: Chart) -> dict[str, Any]:
    """A `perfmgmt.web.charts.Chart`: figure, its data, and the same as a table."""
    return {"chart": chart, "payload": chart.payload(), "payload_id": f"{chart.id}-data"}


@register.inclusion_tag("components/field.html")
def field(field: BoundField, help: str = "", label: str = "", placeholder: str | None = None) -> dict[str, Any]:
    """A labelled form field with help and errors tied to it; `{% field form.email %}`.

    `placeholder=""` removes one that only repeats the label.
    """
    if placeholder is not None:
        field.field.widget.attrs["placeholder"] = placeholder
    if help:
        field.help_text = help
    kind = _widget_kind(field.field.widget)
    css = {"check": "form-check-input", "select": "form-select", "radio": ""}.get(kind, "form-control")
    if field.errors and css:
        css += " is-invalid"
    widget = mark_safe(field.as_widget(attrs={"class": css} if css else {}))  # noqa: S308 - Django's own rendering
    return {"field": field, "kind": kind, "widget": widget, "label": label or field.label}


@register.inclusion_tag("components/copy_field.html")
def copy_field(label: str, value: str, id: str, is_long: bool = False) -> dict[str, Any]:
    """Something to take along, with a button that copies it; the page loads `js/copy.js`."""
    return {"label": label, "value": value, "id": id, "is_long": is_long}


def _widget_kind(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, RadioSelect):
        return "radio"
    if isinstance(widget, Select | SelectMultiple):
        return "select"
    return "file" if isinstance(widget, ClearableFileInput) else "input"


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """The errors that belong to the whole form, announced."""
    return {"errors": form.non_field_errors()}
