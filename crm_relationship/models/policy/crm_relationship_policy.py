from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...analytics import fairness

PROMISE_FIELDS = (
    "first_response_hours",
    "resolution_hours",
    "priority",
    "calendar_id",
    "channel_ids",
)
# Read together with the rules: what a ticket needs of the policy that holds.
RULE_FIELDS = (
    "segment_id",
    "type_id",
    "is_floor",
    "first_response_hours",
    "resolution_hours",
    "priority",
    "calendar_id",
    "team_id",
    "route_to_manager",
)


class CrmRelationshipPolicy(models.Model):
    """The promise to the customers of a segment, a type, or both; the floor is the promise to everybody.

    The most specific policy holds: segment and type, then type, then segment, then the floor. Kept by
    managers. One floor per company is created with the company and never deleted.
    """

    _name = "crm.relationship.policy"
    _description = "Relationship Policy"
    _order = "company_id, is_floor desc, type_id, segment_id, id"
    _inherit = ["mail.thread"]
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    segment_id = fields.Many2one(
        "crm.relationship.segment",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    type_id = fields.Many2one(
        "crm.relationship.type",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    is_floor = fields.Boolean(
        string="Floor", readonly=True, help="The least that every customer gets."
    )
    first_response_hours = fields.Float(
        required=True,
        default=8.0,
        tracking=True,
        help="Working hours until a person answers.",
    )
    resolution_hours = fields.Float(
        required=True,
        default=40.0,
        tracking=True,
        help="Working hours until it is solved.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Empty: the hours of the ticket's team, else of the company.",
    )
    priority = fields.Selection(
        [("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")],
        required=True,
        default="1",
        tracking=True,
        help="Given to new tickets, unless a person chose another.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="Given to new tickets, unless a person chose another.",
    )
    route_to_manager = fields.Boolean(
        string="To the Manager",
        tracking=True,
        help="The customer's dedicated manager, else the deputy, owns new tickets.",
    )
    channel_ids = fields.Many2many(
        "helpdesk.ticket.channel",
        string="Channels",
        help="How these customers reach us. Empty: every channel.",
    )
    entitlement_ids = fields.One2many(
        "crm.relationship.entitlement", "policy_id", string="Entitlements"
    )
    relationship_count = fields.Integer(compute="_compute_relationship_count")

    _floor_once = models.UniqueIndex(
        "(company_id) WHERE is_floor", "A company has exactly one floor."
    )

    # --- names and counts ---

    @api.depends("segment_id.name", "type_id.name", "is_floor")
    @api.depends_context("lang")
    def _compute_name(self):
        for policy in self:
            if policy.is_floor:
                policy.name = self.env._("Service floor")
            else:
                parts = (policy.segment_id.name, policy.type_id.name)
                policy.name = " × ".join(part for part in parts if part)

    @api.depends("name")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = policy.name or self.env._("New policy")

    def _compute_relationship_count(self):
        relationships = self.env["crm.relationship"]
        for policy in self:
            policy.relationship_count = relationships.search_count(
                [("policy_id", "in", policy.ids)]
            )

    def action_view_relationships(self):
        """Open the relationships for which this policy holds."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_action"
        )
        return dict(action, domain=[("policy_id", "=", self.id)], context={})

    # --- which policy holds ---

    @api.model
    def _get_rules(self, company):
        """The active policies of a company as the choice sees them. One query."""
        policies = self.sudo().search_fetch(
            [("company_id", "=", company.id)], RULE_FIELDS
        )
        return [
            fairness.Rule(
                policy.id,
                policy.segment_id.id or None,
                policy.type_id.id or None,
                policy.is_floor,
            )
            for policy in policies
        ]

    @api.model
    def _get_chain(self, company, segment, type_, rules=None):
        """The policies that fit, the most specific first, the floor last.

        :param rules: what :meth:`_get_rules` gave for the company, where many customers are asked for.
        """
        rules = self._get_rules(company) if rules is None else rules
        return self.browse(fairness.chain(rules, segment.id or None, type_.id or None))

    @api.model
    def _get_floor(self, company):
        """The floor of a company."""
        return self.sudo().search(
            [("company_id", "=", company.id), ("is_floor", "=", True)]
        )

    def _get_reason(self):
        """Why this policy holds, in words for whoever sees it."""
        self.ensure_one()
        if self.is_floor:
            return self.env._("The floor: no policy is made for this segment or type.")
        names = {"segment": self.segment_id.name, "type": self.type_id.name}
        if self.segment_id and self.type_id:
            return self.env._(
                "Made for segment “%(segment)s” and type “%(type)s” together, so it goes before any"
                " policy for one of them.",
                **names,
            )
        if self.type_id:
            return self.env._(
                "Made for type “%(type)s”, which goes before the segment.", **names
            )
        return self.env._(
            "Made for segment “%(segment)s”; no policy is made for the type.", **names
        )

    # --- create, write, unlink ---

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("is_floor"):
                self._check_no_floor(vals.get("company_id") or self.env.company.id)
        policies = super().create(vals_list)
        policies._on_scope_change()
        return policies

    def _check_no_floor(self, company_id):
        floor = self.sudo().search(
            [("company_id", "=", company_id), ("is_floor", "=", True)]
        )
        if floor:
            raise ValidationError(
                self.env._(
                    "%(company)s already has its floor (first response in %(hours)g hours): a company has exactly"
                    " one. Change that one.",
                    company=floor.company_id.name,
                    hours=floor.first_response_hours,
                )
            )

    def write(self, vals):
        if "is_floor" in vals and any(
            policy.is_floor != vals["is_floor"] for policy in self
        ):
            raise UserError(
                self.env._(
                    "The floor of a company stays the floor: change its promises instead."
                )
            )
        self.filtered("is_floor")._check_lowering(vals)
        result = super().write(vals)
        self._on_write(vals)
        return result

    def _write_policies(self, vals):
        """Write without asking what a lower floor affects: for those who have seen it."""
        result = super().write(vals)
        self._on_write(vals)
        return result

    def _on_write(self, vals):
        """See to the open tickets whose promise these values change."""
        if {"active", "segment_id", "type_id", "company_id"} & set(vals):
            self._on_scope_change()
        elif {"team_id", "route_to_manager", *PROMISE_FIELDS} & set(vals):
            self._update_open_tickets()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for policy in self:
            tickets = (
                self.env["helpdesk.ticket"]
                .sudo()
                .with_context(active_test=False)
                .search_count([("policy_id", "=", policy.id)])
            )
            if policy.is_floor or tickets:
                raise UserError(
                    self.env._(
                        "The policy “%(name)s” cannot be deleted: it is the floor, or the promise of %(count)s"
                        " tickets. Archive it instead; the floor always stays.",
                        name=policy.display_name,
                        count=tickets,
                    )
                )

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self.search([("company_id", "in", companies.ids)])._check_entitlements()
        return result

    def _on_scope_change(self):
        """Other customers may get another policy now: check it all, see to the open tickets."""
        self.env["crm.relationship"].invalidate_model(["policy_id", "policy_reason"])
        self._check_floor()
        self._check_entitlements()
        self._update_open_tickets(self.company_id)

    def _update_open_tickets(self, companies=None):
        """Give the open tickets of these policies (or of whole companies) the promise that holds now."""
        domain = () if companies else [("policy_id", "in", self.ids)]
        self.env["helpdesk.ticket"]._renew_promises(
            companies or self.company_id, domain
        )
