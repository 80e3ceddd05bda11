from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain


class CrmRelationship(models.Model):
    """What one customer is to one of our companies: decisions of people and figures of the refresh.

    One row per commercial partner and company. Rows appear for customers with a fact and can be made by hand;
    they live as long as the partner. Only :meth:`_refresh` writes the figures.
    """

    _name = "crm.relationship"
    _description = "Customer Relationship"
    _inherit = [
        "mail.tracking.duration.mixin",
        "mail.activity.mixin",
        "portal.mixin",
    ]
    _order = "id"  # by no field that a portal customer may not read
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]
    _track_duration_field = "stage_id"
    _mailing_enabled = True
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    active = fields.Boolean(related="partner_id.active", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")

    duration_tracking = fields.Json(groups="base.group_user")
    rotting_days = fields.Integer(groups="base.group_user")
    is_rotting = fields.Boolean(groups="base.group_user")

    # --- what people decide ---
    assignment_ids = fields.One2many(
        "crm.relationship.assignment",
        "relationship_id",
        string="Relationship Types",
        groups="base.group_user",
    )
    type_ids = fields.Many2many(
        "crm.relationship.type",
        string="Types",
        compute="_compute_type_ids",
        search="_search_type_ids",
    )
    primary_type_id = fields.Many2one(
        "crm.relationship.type",
        string="Primary Type",
        compute="_compute_primary_type_id",
        inverse="_inverse_primary_type_id",
        store=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        help="The type whose service model decides. Without an assignment: the company's default type.",
    )
    last_type_id = fields.Many2one(
        "crm.relationship.type",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups="base.group_user",
        help="The last primary type that somebody gave; a type that gives less needs a reason.",
    )
    segment_id = fields.Many2one(
        "crm.relationship.segment",
        index=True,
        tracking=True,
        ondelete="restrict",
        groups="base.group_user",
    )
    segment_is_manual = fields.Boolean(
        string="Segment by Hand",
        groups="base.group_user",
        help="The segment was set by a person and stays until its end date.",
    )
    segment_reason = fields.Char(tracking=True, groups="base.group_user")
    segment_until_date = fields.Date(
        string="Segment Until",
        tracking=True,
        groups="base.group_user",
        help="Last day of the segment set by hand; then the computed one returns by itself.",
    )
    manager_id = fields.Many2one(
        "res.users",
        string="Dedicated Manager",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    deputy_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    stage_id = fields.Many2one(
        "crm.relationship.stage",
        index=True,
        tracking=True,
        ondelete="restrict",
        default=lambda self: self._get_data("stage", "prospect"),
        group_expand="_read_group_stage_ids",
        groups="base.group_user",
    )

    # --- what follows ---
    is_manager_missing = fields.Boolean(
        compute="_compute_is_manager_missing",
        search="_search_is_manager_missing",
        groups="base.group_user",
        help="One of the customer's types asks for a dedicated manager, and there is none.",
    )
    ticket_ids = fields.One2many(
        "helpdesk.ticket", "relationship_id", string="Tickets", groups="base.group_user"
    )
    ticket_count = fields.Integer(
        compute="_compute_ticket_count", groups="base.group_user"
    )
    open_ticket_count = fields.Integer(
        compute="_compute_ticket_count", groups="base.group_user"
    )

    # --- figures, written by the refresh ---
    revenue_12m_amount = fields.Monetary(
        string="Revenue 12 Months", readonly=True, groups="base.group_user"
    )
    order_count_12m = fields.Integer(
        string="Orders 12 Months", readonly=True, groups="base.group_user"
    )
    first_order_date = fields.Date(
        string="First Order", readonly=True, groups="base.group_user"
    )
    last_order_date = fields.Date(
        string="Last Order", readonly=True, groups="base.group_user"
    )
    tenure_days = fields.Integer(
        readonly=True,
        aggregator="avg",
        groups="base.group_user",
        help="Days since the first order.",
    )

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "The customer already has a relationship with this company.",
    )

    # --- computes ---

    @api.depends("partner_id.display_name")
    def _compute_display_name(self):
        for relationship in self:
            relationship.display_name = relationship.partner_id.display_name

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for relationship in self:
            relationship.access_url = f"/my/relationship/{relationship.id}"
        return result

    def _get_current_assignments(self):
        return self.sudo().assignment_ids.filtered("is_current")

    def _get_primary_assignment(self):
        """The primary assignment in force, empty where the company's default type holds."""
        self.ensure_one()
        return self._get_current_assignments().filtered("is_primary")[:1]

    @api.depends(
        "assignment_ids.type_id", "assignment_ids.since", "assignment_ids.until"
    )
    def _compute_type_ids(self):
        for relationship in self:
            types = relationship._get_current_assignments().type_id
            relationship.type_ids = types | relationship.primary_type_id

    def _search_type_ids(self, operator, value):
        if operator not in ("in", "any", "="):
            return NotImplemented
        assigned = Domain("is_current", "=", True) & Domain("type_id", operator, value)
        return Domain("assignment_ids", "any", assigned) | Domain(
            "primary_type_id", operator, value
        )

    @api.depends(
        "assignment_ids.is_primary",
        "assignment_ids.type_id",
        "assignment_ids.since",
        "assignment_ids.until",
    )
    def _compute_primary_type_id(self):
        for relationship in self:
            relationship.primary_type_id = (
                relationship._get_primary_assignment().type_id
                or relationship.company_id.relationship_default_type_id
            )

    def _inverse_primary_type_id(self):
        for relationship in self:
            new_type = relationship.primary_type_id
            if new_type and new_type != relationship._get_primary_assignment().type_id:
                relationship._change_type(new_type)

    @api.depends("manager_id", "type_ids.needs_manager")
    def _compute_is_manager_missing(self):
        for relationship in self:
            due = any(relationship.type_ids.mapped("needs_manager"))
            relationship.is_manager_missing = due and not relationship.manager_id

    def _search_is_manager_missing(self, operator, value):
        self._check_field_access(self._fields["is_manager_missing"], "read")
        if operator != "in":
            return NotImplemented
        due = Domain("type_ids", "in", self._get_types_with_manager().ids)
        return due & Domain("manager_id", "=", False)

    @api.model
    def _get_types_with_manager(self):
        return self.env["crm.relationship.type"].search([("needs_manager", "=", True)])

    def _compute_ticket_count(self):
        groups = self.env["helpdesk.ticket"]._read_group(
            [("relationship_id", "in", self.ids)],
            ["relationship_id", "stage_id.closed"],
            ["__count"],
        )
        total, active = Counter(), Counter()
        for relationship, is_closed, count in groups:
            total[relationship.id] += count
            active[relationship.id] += 0 if is_closed else count
        for relationship in self:
            relationship.ticket_count = total[relationship.id]
            relationship.open_ticket_count = active[relationship.id]

    @api.model
    def _read_group_stage_ids(self, stages, _domain):
        return stages.search([("active", "=", True)])

    @api.model
    def _get_data(self, model, code):
        """The record of crm.relationship.<model> with that code."""
        return (
            self.env[f"crm.relationship.{model}"]
            .sudo()
            .search([("code", "=", code)], limit=1)
        )

    # --- create and write ---

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        self._check_once(vals_list)
        for vals in vals_list:
            self._complete_segment(vals)
        relationships = super().create(vals_list)
        relationships.filtered(lambda item: not item.segment_id)._set_segment("small")
        return relationships

    def write(self, vals):
        self._complete_segment(vals)
        result = super().write(vals)
        if vals.get("segment_is_manual") is False:
            self._refresh_own()
        if {"segment_id", "segment_is_manual"} & set(vals):
            self._on_policy_change()
        return result

    def _complete_segment(self, vals):
        """A segment that somebody sets is set by hand, with a reason, so that the night does not undo it."""
        if not vals.get("segment_id") or vals.get("segment_is_manual") is False:
            return
        if "segment_is_manual" not in vals:
            vals["segment_is_manual"] = True
            vals.setdefault(
                "segment_reason",
                self.env._("Set by hand by %(user)s", user=self.env.user.name),
            )

    def _set_segment(self, code):
        segment = self._get_data("segment", code)
        return super().write({"segment_id": segment.id})

    def _on_type_change(self):
        """The assignments changed: remember the last type given, and renew the promise of open tickets."""
        for relationship in self.exists():
            given = relationship._get_primary_assignment().type_id
            if given and given != relationship.sudo().last_type_id:
                relationship.sudo().last_type_id = given
        self.exists()._on_policy_change()

    def _change_type(self, new_type, reason=False, since=None):
        """Make a type the primary one from a day on; the one before ends the day before."""
        self.ensure_one()
        since = since or fields.Date.context_today(self)
        for current in self.assignment_ids:
            if current.is_primary and (not current.until or current.until >= since):
                if current.since >= since:
                    current.is_primary = False
                else:
                    current.until = since - relativedelta(days=1)
            elif current.type_id == new_type and (
                not current.until or current.until >= since
            ):
                current.until = max(since - relativedelta(days=1), current.since)
        return self.env["crm.relationship.assignment"].create(
            {
                "relationship_id": self.id,
                "type_id": new_type.id,
                "since": since,
                "is_primary": True,
                "reason": reason,
            }
        )
