from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..analytics import fairness

MAX_PROMISE_HOURS = 2000
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
        "crm.relationship.segment", ondelete="restrict", index="btree_not_null", tracking=True
    )
    type_id = fields.Many2one(
        "crm.relationship.type", ondelete="restrict", index="btree_not_null", tracking=True
    )
    is_floor = fields.Boolean(
        string="Floor", readonly=True, help="The least that every customer gets."
    )
    first_response_hours = fields.Float(
        required=True, default=8.0, tracking=True, help="Working hours until a person answers."
    )
    resolution_hours = fields.Float(
        required=True, default=40.0, tracking=True, help="Working hours until it is solved."
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
                [("policy_id", "=", policy.id)]
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
        policies = self.sudo().search_fetch([("company_id", "=", company.id)], RULE_FIELDS)
        return [
            fairness.Rule(
                policy.id, policy.segment_id.id or None, policy.type_id.id or None, policy.is_floor
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
        return self.sudo().search([("company_id", "=", company.id), ("is_floor", "=", True)])

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

    # --- checks ---

    @api.constrains("calendar_id")
    def _check_calendar(self):
        for policy in self.filtered("calendar_id"):
            if not policy.calendar_id._has_working_hours():
                raise ValidationError(
                    self.env._(
                        "%(policy)s: the calendar “%(calendar)s” has no working hours, so no deadline could ever"
                        " be found. Add hours to it or choose another.",
                        policy=policy.display_name,
                        calendar=policy.calendar_id.name,
                    )
                )

    @api.constrains("is_floor", "segment_id", "type_id", "active")
    def _check_scope(self):
        for policy in self:
            if policy.is_floor and (policy.segment_id or policy.type_id or not policy.active):
                raise ValidationError(
                    self.env._(
                        "The floor of %(company)s holds for everybody, always: it has no segment and no type and"
                        " is not archived.",
                        company=policy.company_id.name,
                    )
                )
            if not (policy.is_floor or policy.segment_id or policy.type_id):
                raise ValidationError(
                    self.env._(
                        "Say for whom the policy is: a segment, a type, or both. The promise to everybody is the"
                        " floor of %(company)s.",
                        company=policy.company_id.name,
                    )
                )
        self._check_scope_once()

    def _check_scope_once(self):
        for policy in self.filtered("active"):
            others = self.search(
                [
                    ("company_id", "=", policy.company_id.id),
                    ("segment_id", "=", policy.segment_id.id),
                    ("type_id", "=", policy.type_id.id),
                    ("id", "!=", policy.id),
                ]
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(company)s already has the policy “%(name)s”: change that one, or archive it first.",
                        company=policy.company_id.name,
                        name=policy.display_name,
                    )
                )

    def _check_hours(self):
        for policy in self:
            for field in ("first_response_hours", "resolution_hours"):
                hours = policy[field]
                if not 0 < hours <= MAX_PROMISE_HOURS:
                    raise ValidationError(
                        self.env._(
                            "%(policy)s, %(promise)s: %(hours)g hours cannot be promised."
                            " Enter working hours above 0 and up to %(max)s.",
                            policy=policy.display_name,
                            promise=policy._get_label(field),
                            hours=hours,
                            max=MAX_PROMISE_HOURS,
                        )
                    )
            if policy.resolution_hours < policy.first_response_hours:
                raise ValidationError(
                    self.env._(
                        "%(policy)s promises a solution in %(resolution)g hours, before the first response in"
                        " %(response)g hours. Let the solution take at least as long.",
                        policy=policy.display_name,
                        resolution=policy.resolution_hours,
                        response=policy.first_response_hours,
                    )
                )

    @api.constrains(
        "first_response_hours", "resolution_hours", "priority", "calendar_id", "channel_ids", "active"
    )
    def _check_floor(self):
        self._check_hours()
        for company, policies in self.grouped("company_id").items():
            floor = self._get_floor(company)
            if floor & policies:
                policies |= self.search([("company_id", "=", company.id)])
            for policy in (policies - floor).filtered("active"):
                worse = floor and policy._get_worse_promises(floor)
                if worse:
                    raise ValidationError(
                        self.env._(
                            "No customer gets less than the floor of %(company)s, but “%(policy)s” would promise"
                            " less:\n%(promises)s",
                            company=company.name,
                            policy=policy.display_name,
                            promises="\n".join(worse),
                        )
                    )

    def _get_label(self, field):
        return self._fields[field]._description_string(self.env)

    def _get_worse_promises(self, floor):
        """The promises in which this policy is worse than another, each with both values; empty if none."""
        self.ensure_one()
        worse = []
        for field in ("first_response_hours", "resolution_hours"):
            if self[field] > floor[field]:
                worse.append(
                    self.env._(
                        "• %(promise)s: %(value)g, the floor gives %(floor)g",
                        promise=self._get_label(field),
                        value=self[field],
                        floor=floor[field],
                    )
                )
        if self.priority < floor.priority:
            labels = dict(self._fields["priority"]._description_selection(self.env))
            worse.append(
                self.env._(
                    "• Priority: %(value)s, the floor gives %(floor)s",
                    value=labels[self.priority],
                    floor=labels[floor.priority],
                )
            )
        return worse + self._get_worse_hours(floor) + self._get_worse_channels(floor)

    def _get_worse_hours(self, floor):
        own, least = (
            policy.calendar_id or policy.company_id.resource_calendar_id for policy in (self, floor)
        )
        own_hours, least_hours = own._get_week_hours(), least._get_week_hours()
        if own == least or own_hours >= least_hours:
            return []
        return [
            self.env._(
                "• Working hours: %(calendar)s with %(value)g hours a week, the floor has %(floor)g",
                calendar=own.name,
                value=own_hours,
                floor=least_hours,
            )
        ]

    def _get_worse_channels(self, floor):
        if not self.channel_ids:
            return []
        given = floor.channel_ids or self.env["helpdesk.ticket.channel"].search([])
        missing = given - self.channel_ids
        if not missing:
            return []
        return [
            self.env._(
                "• Channels: without %(missing)s, which the floor gives",
                missing=", ".join(missing.mapped("name")),
            )
        ]

    # --- entitlements ---

    @api.constrains("active", "segment_id", "type_id")
    def _check_entitlements(self):
        for company in self.company_id:
            policies = self.search([("company_id", "=", company.id)])
            policies._check_reach(company)
            for policy in policies - self._get_floor(company):
                policy._check_terms(self._get_floor(company))

    @api.model
    def _check_reach_of_companies(self):
        for company in self.env["res.company"].sudo().search([]):
            self.sudo().search([("company_id", "=", company.id)])._check_reach(company)

    def _get_offers(self):
        """Policy -> service -> terms, ids throughout."""
        return {
            policy.id: {item.service_id.id: item._get_terms() for item in policy.entitlement_ids}
            for policy in self
        }

    def _check_reach(self, company):
        """What some customers can have, every segment must be able to reach: by its own policy or the floor."""
        offers = self._get_offers()
        none = self.env["crm.relationship.type"]
        rules = self._get_rules(company)
        reached = {
            segment.id: fairness.reach(self._get_chain(company, segment, none, rules).ids, offers)
            for segment in self.env["crm.relationship.segment"].sudo().search([])
        }
        offered = {service for terms in offers.values() for service in terms}
        for segment_id, services in reached.items():
            for service_id in sorted(offered - set(services)):
                self._raise_unreachable(segment_id, service_id)

    def _raise_unreachable(self, segment_id, service_id):
        segment = self.env["crm.relationship.segment"].sudo().browse(segment_id)
        giving = self.entitlement_ids.filtered(lambda item: item.service_id.id == service_id)
        raise ValidationError(
            self.env._(
                "“%(service)s” is given by %(policies)s (%(access)s), but customers of the segment “%(segment)s”"
                " could not reach it at all. Add it to the floor or to their policy first: included, on request"
                " or paid.",
                service=giving.service_id.name,
                policies=", ".join(f"“{name}”" for name in giving.policy_id.mapped("display_name")),
                access=", ".join(
                    dict.fromkeys(
                        dict(item._fields["access"]._description_selection(self.env))[item.access]
                        for item in giving
                    )
                ),
                segment=segment.name,
            )
        )

    def _check_terms(self, floor):
        """No entitlement is worse than the floor's, and one that differs says why."""
        self.ensure_one()
        of_floor = {item.service_id: item for item in floor.entitlement_ids}
        for item in self.entitlement_ids:
            least = of_floor.get(item.service_id)
            if least and item._get_terms().is_worse_than(least._get_terms()):
                raise ValidationError(
                    self.env._(
                        "No customer gets less than the floor: “%(policy)s” would give “%(service)s” as %(value)s,"
                        " the floor gives %(floor)s.",
                        policy=self.display_name,
                        service=item.service_id.name,
                        value=item._get_terms_label(),
                        floor=least._get_terms_label(),
                    )
                )
            if not item.ground and (not least or item._get_terms() != least._get_terms()):
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” gives “%(service)s” as %(value)s while others get it as %(floor)s: say on what"
                        " ground (need, condition of use, contract).",
                        policy=self.display_name,
                        service=item.service_id.name,
                        value=item._get_terms_label(),
                        floor=least._get_terms_label() if least else self.env._("nothing"),
                    )
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
        floor = self.sudo().search([("company_id", "=", company_id), ("is_floor", "=", True)])
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
        if "is_floor" in vals and any(policy.is_floor != vals["is_floor"] for policy in self):
            raise UserError(
                self.env._("The floor of a company stays the floor: change its promises instead.")
            )
        self.filtered("is_floor")._check_lowering(vals)
        return self._write_policies(vals)

    def _write_policies(self, vals):
        """Write without asking what a lower floor affects: for those who have seen it."""
        result = super().write(vals)
        if {"active", "segment_id", "type_id", "company_id"} & set(vals):
            self._on_scope_change()
        elif {"team_id", "route_to_manager", *PROMISE_FIELDS} & set(vals):
            self._update_open_tickets()
        return result

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
        domain = [("policy_id", "in", self.ids)]
        if companies:
            domain = [("company_id", "in", companies.ids)]
        self.env["helpdesk.ticket"].sudo().search(
            [("stage_id.closed", "=", False), *domain]
        )._apply_promise()

    # --- lowering the floor ---

    def _check_lowering(self, vals):
        for floor in self:
            lowered = floor._get_lowered(vals)
            if lowered:
                raise UserError(
                    self.env._(
                        "This lowers the floor of %(company)s:\n%(promises)s\nIt affects %(effect)s"
                        "\nUse the button “Lower the floor” to see them and to confirm.",
                        company=floor.company_id.name,
                        promises="\n".join(lowered),
                        effect=floor._get_effect_text(),
                    )
                )

    def _get_lowered(self, vals):
        """The promises that these values would make worse, each with both values; empty if none."""
        self.ensure_one()
        changes = {name: vals[name] for name in PROMISE_FIELDS if name in vals}
        if not changes:
            return []
        return self.new(changes, origin=self)._get_worse_promises(self)

    def _get_effect(self):
        """The relationships and open tickets for which this policy holds."""
        self.ensure_one()
        relationships = self.env["crm.relationship"].search([("policy_id", "=", self.id)])
        tickets = self.env["helpdesk.ticket"].search(
            [("policy_id", "=", self.id), ("stage_id.closed", "=", False)]
        )
        return relationships, tickets

    def _get_effect_text(self):
        relationships, tickets = self._get_effect()
        return self.env._(
            "%(customers)s customers (%(names)s) and %(tickets)s open tickets (%(numbers)s).",
            customers=len(relationships),
            names=", ".join(relationships[:5].mapped("display_name")) or "–",
            tickets=len(tickets),
            numbers=", ".join(tickets[:5].mapped("number")) or "–",
        )

    def action_lower_floor(self):
        """Open the dialog that shows what a lower floor affects before it is lowered."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lower the Floor"),
            "res_model": "crm.relationship.floor.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_policy_id": self.id},
        }
