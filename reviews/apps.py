from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "reviews"

    def ready(self) -> None:
        """Put the app's pages into the navigation and its work into the registries, slice by slice."""
        from reviews import golden

        golden.install()
        self._register_scores()
        self._register_statistics()
        self._register_cycles()
        self._register_raters()
        self._register_forms()
        self._register_calibration()
        self._register_scorecards()
        self._register_results()
        self._register_surveys()
        self._register_mailing()
        self._register_voice()  # before asking, which unlinks whoever is erased
        self._register_follow_ups()
        self._register_asking()
        self._register_feedback()
        self._register_training()

    def _register_scores(self) -> None:
        """Scores follow figures, targets, assignments, answers, deductions and scorecards."""
        from django.utils.translation import gettext_lazy as _
        from django.utils.translation import pgettext_lazy

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.people.tabs import PersonTab
        from perfmgmt.people.tabs import register as register_tab
        from perfmgmt.tenants.events import subscribe
        from perfmgmt.web.navigation import NavItem, register
        from reviews.permissions import SEE_SCORES
        from reviews.scores import dirty, exports, services

        register(
            NavItem("scores", pgettext_lazy("points", "Scores"), "chart-bar", SEE_SCORES, group="reviews", order=33)
        )
        register_tab(PersonTab("person_score", pgettext_lazy("points", "Score"), SEE_SCORES, order=36))
        register_job(JobKind(exports.SCORES, _("Export of scores"), exports.export_scores, SEE_SCORES))
        subscribe("tenants.sweep", dirty.on_sweep)
        subscribe("metrics.rollups_changed", dirty.on_rollups_changed)
        subscribe("goals.targets_changed", dirty.on_targets_changed)
        subscribe("people.assignments_changed", dirty.on_assignments_changed)
        subscribe("people.units_changed", dirty.mark_everything)
        subscribe("closing.period_locked", dirty.on_period_locked)
        subscribe("reviews.answers_changed", dirty.on_answers_changed)
        subscribe("reviews.cycles_changed", dirty.on_cycles_changed)
        subscribe("reviews.deductions_changed", dirty.on_deductions_changed)
        subscribe("reviews.scorecards_changed", dirty.on_scorecards_changed)
        subscribe("workspace.grades_changed", dirty.mark_everything)
        subscribe("metrics.rebuilt", services.on_rebuilt)
        subscribe("metrics.rebuild_waits", services.on_rebuild_waits)
        subscribe("metrics.rebuild_resting", services.on_rebuild_resting)
        subscribe("metrics.rebuild_checked", services.on_rebuild_checked)

    def _register_statistics(self) -> None:
        """Statistics of raters: made when a cycle is closed, a page for HR, its export."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.tenants.events import subscribe
        from perfmgmt.web.navigation import NavItem, register
        from reviews.permissions import SEE_STATISTICS
        from reviews.statistics import exports, services

        register(
            NavItem("statistics", _("Rater statistics"), "chart-dots", SEE_STATISTICS, group="reviews", order=36)
        )
        register_job(
            JobKind(exports.EXPORT, _("Export of rater statistics"), exports.export_statistics, SEE_STATISTICS)
        )
        register_job(JobKind(services.KIND, _("Statistics of a review cycle"), services.run, SEE_STATISTICS))
        subscribe("reviews.cycle_closed", services.on_cycle_closed)

    def _register_cycles(self) -> None:
        """Register review cycles: navigation, launch and exports, notifications, handover, changes of managers."""
        from reviews.cycles import registration, tasks  # noqa: F401 - tasks for the worker

        registration.install()

    def _register_raters(self) -> None:
        """Register the choice of raters: jobs, notifications, what a leaver was asked to review."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.notify import notifications
        from perfmgmt.people.handover import register as register_handover
        from reviews.permissions import APPROVE_RATERS, MANAGE_CYCLES
        from reviews.raters import handover, jobs, notices

        register_job(
            JobKind(jobs.APPROVE, _("Approval of raters"), jobs.approve_all, APPROVE_RATERS,
                    result_template=jobs.RESULT)
        )  # fmt: skip
        register_job(JobKind(jobs.EXPORT, _("Export of raters"), jobs.export_choices, APPROVE_RATERS))
        register_job(JobKind(jobs.EXPORT_LOAD, _("Export of the load of raters"), jobs.export_load, MANAGE_CYCLES))
        notifications.register(*notices.KINDS)
        register_handover(handover.KIND)

    def _register_forms(self) -> None:
        """Register what is reviewed and asked: navigation, export, evidence beside forms."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.web import palette
        from perfmgmt.web.navigation import NavItem, register
        from reviews import finding
        from reviews.forms import exports as own_exports
        from reviews.forms import own_evidence
        from reviews.forms.bank import exports
        from reviews.permissions import MANAGE_SCORECARDS, REVIEW

        register(NavItem("my_reviews", _("My reviews"), "clipboard-text", REVIEW, group="reviews", order=30))
        register(NavItem("questionnaires", _("Questionnaires"), "forms", MANAGE_SCORECARDS, group="admin", order=46))
        kind = JobKind(exports.EXPORT, _("Export of questions"), exports.export_questions, MANAGE_SCORECARDS)
        register_job(kind)
        register_job(
            JobKind(exports.QUESTIONNAIRES, _("Export of questionnaires"), exports.export_questionnaires,
                    MANAGE_SCORECARDS)
        )  # fmt: skip
        register_job(JobKind(own_exports.EXPORT, _("Export of my reviews"), own_exports.export_reviews, REVIEW))
        for source in finding.SOURCES:
            palette.register(source)
        own_evidence.install()

    def _register_calibration(self) -> None:
        """Register calibration and the comparison of results: navigation and exports."""
        from reviews.calibration import registration

        registration.install()

    def _register_scorecards(self) -> None:
        """Register scorecards, how one is assessed and deductions: navigation, jobs, notifications, uses."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.metrics import usage as metric_usage
        from perfmgmt.notify import notifications
        from perfmgmt.web.navigation import NavItem, register
        from reviews.assessed import exports as assessed_exports
        from reviews.assessed import notices as assessed_notices
        from reviews.assessed import tasks as assessed
        from reviews.deductions import exports as deduction_exports
        from reviews.deductions import notices as deduction_notices
        from reviews.permissions import (
            FOLLOW_CYCLES,
            MANAGE_SCORECARDS,
            SEE_OWN_SCORECARD,
            SEE_SCORECARDS,
            SEE_SCORES,
        )
        from reviews.scorecards import exports, usage

        register(
            NavItem(
                "assessed", _("How I am assessed"), "clipboard-check", SEE_OWN_SCORECARD, group="reviews", order=32
            )
        )
        register(NavItem("scorecards", _("Scorecards"), "scale", SEE_SCORECARDS, group="reviews", order=32))
        register_job(JobKind(exports.EXPORT, _("Export of scorecards"), exports.export_scorecards, SEE_SCORECARDS))
        register_job(
            JobKind(deduction_exports.EXPORT, _("Export of score deductions"), deduction_exports.export_deductions,
                    SEE_SCORES)
        )  # fmt: skip
        register_job(
            JobKind(assessed_exports.EXPORT, _("Export of who has read their scorecard"),
                    assessed_exports.export_acknowledged, FOLLOW_CYCLES)
        )  # fmt: skip
        register_job(
            JobKind(assessed.KIND, _("Showing people how they are assessed"), assessed.run, MANAGE_SCORECARDS,
                    result_template=assessed.RESULT)
        )  # fmt: skip
        notifications.register(*deduction_notices.KINDS, *assessed_notices.KINDS)
        metric_usage.register("reviews.scorecards", usage.uses_of)

    def _register_results(self) -> None:
        """Register results: navigation, the release and files as jobs, a person's tab, what people are told."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.notify import notifications
        from perfmgmt.people.tabs import PersonTab
        from perfmgmt.people.tabs import register as register_tab
        from perfmgmt.web.navigation import NavItem, register
        from reviews.permissions import DECIDE_PROPOSALS, RELEASE, SEE_RESULTS
        from reviews.results import exports, files, notices, services

        register(NavItem("results", _("Results"), "report-analytics", SEE_RESULTS, group="reviews", order=35))
        register_tab(PersonTab("person_results", _("Results"), SEE_RESULTS, order=60))
        register_job(
            JobKind(
                services.KIND, _("Release of results"), services.release, RELEASE,
                result_template="reviews/results/released.html",
            )
        )  # fmt: skip
        register_job(JobKind(exports.RESULTS, _("Export of results"), exports.export_results, SEE_RESULTS))
        register_job(JobKind(exports.PROPOSALS, _("Export of proposals"), exports.export_proposals, DECIDE_PROPOSALS))
        register_job(
            JobKind(
                files.KIND, _("Result as a file"), files.print_result, SEE_RESULTS,
                result_template="reviews/results/printed.html",
            )
        )  # fmt: skip
        notifications.register(*notices.KINDS)

    def _register_surveys(self) -> None:
        """Register customer surveys: navigation, export, answers whose facts had to wait."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.metrics import own_sources
        from perfmgmt.tenants.events import subscribe
        from perfmgmt.web.navigation import NavItem, register
        from reviews.answering import feed
        from reviews.permissions import SEE_SURVEYS
        from reviews.surveys import exports

        own_sources.reserve(feed.SOURCE)
        register(
            NavItem("surveys", _("Customer surveys"), "message-question", SEE_SURVEYS, group="customers", order=38)
        )
        register_job(JobKind(exports.EXPORT, _("Export of customer surveys"), exports.export_surveys, SEE_SURVEYS))
        subscribe("tenants.sweep", feed.on_sweep)
        subscribe("metrics.rebuilt", feed.on_rebuilt)

    def _register_mailing(self) -> None:
        """Register the mail of surveys: what stops it, what must not go out again, the export."""
        from django.utils.translation import gettext_lazy as _

        from perfmgmt.customers import erasing
        from perfmgmt.jobs.registry import JobKind
        from perfmgmt.jobs.registry import register as register_job
        from perfmgmt.notify import fates, suppression
        from perfmgmt.people.permissions import SEE_MAIL
        from perfmgmt.tenants.events import subscribe
        from reviews.asking import suppressed
        from reviews.mailing import again, exports, stopping, writing

        suppressed.register(suppression.suppressed_addresses)
        subscribe("customers.consent_changed", stopping.on_consent_changed)
        erasing.register(stopping.forget)
        for kind in (writing.KIND, writing.REMINDER):
            fates.register(kind, again.held_back)
        register_job(
            JobKind(exports.EXPORT, _("Export of addresses that get no surveys"), exports.export_suppressed, SEE_MAIL)
        )

    def _register_follow_ups(self) -> None:
        """Register follow-ups of low scores, and remarks; before asking, whose hook unlinks who is erased."""
        from reviews.followups import registration
        from reviews.remarks import registration as remarks

        registration.install()
        remarks.install()

    def _register_asking(self) -> None:
        """Register whom customer surveys ask: the export of who was passed over, contacts that change."""
        from reviews.asking import registration
        from reviews.handing import registration as handing

        registration.install()
        handing.install()

    def _register_voice(self) -> None:
        """Register what customers said: the tally that follows answers, pages, exports."""
        from reviews.voice import registration

        registration.install()

    def _register_feedback(self) -> None:
        """Register feedback between colleagues: navigation, exports, what people are told."""
        from reviews.feedback import registration

        registration.install()

    def _register_training(self) -> None:
        """Register training: navigation, exports, notifications, a person's tab and timeline."""
        from reviews.training import registration

        registration.install()
