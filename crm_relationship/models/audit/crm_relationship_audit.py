from datetime import datetime, time

from dateutil.relativedelta import relativedelta
from pytz import UTC, timezone

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class CrmRelationshipAudit(models.Model):
    """Whether small customers got what was promised: all tickets that one company got in a period, measured.

    Made by the monthly job for the month that ended, and by managers for any period. It can be run again until it is
    sealed; then neither it nor its rows can be changed or deleted, and a digest shows whether somebody did so past
    Odoo. A later audit of the same period stands beside it, linked.
    """

    _name = "crm.relationship.audit"
    _description = "Fairness Audit"
    _order = "date_from desc, date_to desc, id desc"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._default_month()[0],
        help="Tickets that were opened from this day on are audited.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self._default_month()[1],
        help="The last day, inclusive.",
    )
    is_month = fields.Boolean(
        string="Whole Month", compute="_compute_is_month", store=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done"), ("sealed", "Sealed")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    run_at = fields.Datetime(
        string="As of",
        readonly=True,
        copy=False,
        help="The moment up to which open tickets are counted.",
    )
    sealed_at = fields.Datetime(string="Sealed On", readonly=True, copy=False)
    sealed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="set null"
    )
    digest = fields.Char(
        string="Seal",
        readonly=True,
        copy=False,
        help="SHA-256 of the result and all its rows, as they were when it was sealed.",
    )
    is_seal_broken = fields.Boolean(
        string="Seal Broken",
        compute="_compute_is_seal_broken",
        search="_search_is_seal_broken",
        help="The rows are not those that were sealed.",
    )
    previous_id = fields.Many2one(
        "crm.relationship.audit",
        string="Earlier Audit",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The audit of the same period before this one.",
    )
    next_ids = fields.One2many(
        "crm.relationship.audit", "previous_id", string="Later Audits", readonly=True
    )
    line_ids = fields.One2many(
        "crm.relationship.audit.line",
        "audit_id",
        string="By Segment and Type",
        readonly=True,
    )
    breach_ids = fields.One2many(
        "crm.relationship.audit.breach",
        "audit_id",
        string="Broken Promises",
        readonly=True,
    )
    service_ids = fields.One2many(
        "crm.relationship.audit.service",
        "audit_id",
        string="Services for Few",
        readonly=True,
    )

    # --- the floor as it was at the audit ---
    floor_first_response_hours = fields.Float(
        string="Floor: First Response",
        readonly=True,
        copy=False,
        aggregator=None,
        help="Working hours that the floor promised when the audit was run; kinds of tickets may have their own.",
    )
    floor_resolution_hours = fields.Float(
        string="Floor: Resolution", readonly=True, copy=False, aggregator=None
    )
    floor_kinds = fields.Text(
        string="Floor: Kinds of Tickets",
        readonly=True,
        copy=False,
        help="Where the floor promised other working hours for a kind of ticket.",
    )

    # --- what came out ---
    ticket_count = fields.Integer(string="Tickets", readonly=True, copy=False)
    breach_count = fields.Integer(
        string="Broken Promises of the Floor", readonly=True, copy=False
    )
    breach_ticket_count = fields.Integer(
        string="Tickets Below the Floor", readonly=True, copy=False
    )
    open_breach_count = fields.Integer(
        string="Still Below the Floor", readonly=True, copy=False
    )
    undecided_count = fields.Integer(
        string="Not Due Yet",
        readonly=True,
        copy=False,
        help="Open tickets whose solution was not due when the audit was run: what becomes of their promises is not in"
        " it. Run it again later; until it is sealed, the job does so each night of the next month.",
    )
    key_only_count = fields.Integer(
        string="Services for Key Accounts Only", readonly=True, copy=False
    )
    differing_count = fields.Integer(
        string="Entitlements That Differ",
        readonly=True,
        copy=False,
        help="Those of better policies, on other terms than the floor's.",
    )
    revenue_only_count = fields.Integer(
        string="Of These by Revenue Only", readonly=True, copy=False
    )
    first_response_small_count = fields.Integer(
        string="Small: Answered Tickets", readonly=True, copy=False
    )
    first_response_key_count = fields.Integer(
        string="Key: Answered Tickets", readonly=True, copy=False
    )
    first_response_difference_hours = fields.Float(
        string="First Response: Small − Key",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Hodges–Lehmann shift: the median of all differences between a small customer's and a key account's"
        " ticket, in working hours. 0 beside empty bounds where there are too few tickets.",
    )
    first_response_low_hours = fields.Float(
        string="First Response: At Least", readonly=True, copy=False, aggregator=None
    )
    first_response_high_hours = fields.Float(
        string="First Response: At Most", readonly=True, copy=False, aggregator=None
    )
    resolution_small_count = fields.Integer(
        string="Small: Resolved Tickets", readonly=True, copy=False
    )
    resolution_key_count = fields.Integer(
        string="Key: Resolved Tickets", readonly=True, copy=False
    )
    resolution_difference_hours = fields.Float(
        string="Resolution: Small − Key",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="As for the first response, with the hours that tickets waited for us.",
    )
    resolution_low_hours = fields.Float(
        string="Resolution: At Least", readonly=True, copy=False, aggregator=None
    )
    resolution_high_hours = fields.Float(
        string="Resolution: At Most", readonly=True, copy=False, aggregator=None
    )

    # --- names and defaults ---

    @api.model
    def _default_month(self):
        """First and last day of the month that ended."""
        first = fields.Date.context_today(self).replace(day=1)
        return first - relativedelta(months=1), first - relativedelta(days=1)

    @api.depends("date_from", "date_to")
    def _compute_is_month(self):
        for audit in self:
            first, last = audit.date_from, audit.date_to
            audit.is_month = bool(
                first
                and last
                and first.day == 1
                and last == first + relativedelta(months=1, days=-1)
            )

    @api.depends("date_from", "date_to", "is_month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for audit in self:
            audit.display_name = audit._get_period_text()

    def _get_period_text(self):
        """“March 2026”, or both days."""
        if not self.date_from or not self.date_to:
            return self.env._("New audit")
        if self.is_month:
            return format_date(self.env, self.date_from, date_format="LLLL yyyy")
        return self.env._(
            "%(first)s to %(last)s",
            first=format_date(self.env, self.date_from),
            last=format_date(self.env, self.date_to),
        )

    # --- the period ---

    @api.constrains("company_id", "date_from", "date_to")
    def _check_period(self):
        for audit in self:
            today = audit._get_today()
            if audit.date_from > audit.date_to:
                raise ValidationError(
                    self.env._(
                        "The period from %(first)s to %(last)s ends before it begins. Exchange the two days.",
                        first=format_date(self.env, audit.date_from),
                        last=format_date(self.env, audit.date_to),
                    )
                )
            if audit.date_to > today:
                raise ValidationError(
                    self.env._(
                        "The period goes on until %(last)s, but what comes after today, %(today)s, cannot be audited"
                        " yet. Let it end today or earlier.",
                        last=format_date(self.env, audit.date_to),
                        today=format_date(self.env, today),
                    )
                )

    def _get_zone(self):
        """The time zone of the company's days: that of its working hours."""
        company = self.company_id.sudo()
        return timezone(
            company.resource_calendar_id.tz or company.partner_id.tz or "UTC"
        )

    def _get_today(self):
        now = UTC.localize(fields.Datetime.now())
        return now.astimezone(self._get_zone()).date()

    def _get_start_of(self, day):
        """Naive UTC moment at which a day of the company begins."""
        local = self._get_zone().localize(datetime.combine(day, time.min))
        return local.astimezone(UTC).replace(tzinfo=None)

    # --- buttons ---

    def action_run(self):
        """Measure the period, again if it was (button)."""
        self.check_access("write")
        self._run()
        return True

    def action_view_breaches(self):
        """Open the broken promises of the floor."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_audit_breach_action"
        )
        return dict(action, domain=[("audit_id", "=", self.id)], context={})

    def action_view_open_tickets(self):
        """Open the tickets that are still below the floor."""
        self.ensure_one()
        self.check_access("read")
        breaches = self.sudo().breach_ids.filtered("is_open")
        return breaches._open_tickets(
            breaches.ticket_id, self.env._("Still Below the Floor")
        )

    def action_compare(self):
        """Show this audit among those of the other months, as a chart."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_audit_line_action"
        )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("audit_id.next_ids", "=", False),
            ("scope", "=", "segment"),
        ]
        return dict(action, domain=domain)
