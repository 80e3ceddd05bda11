from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...analytics import worktime
from ...owner import Owners
from ...promise import Promises

ROUTED_FIELDS = ("priority", "team_id", "user_id")


class HelpdeskTicket(models.Model):
    """A ticket knows what was promised to its customer, by when, and why.

    ``routing`` keeps the priority, team and owner that a policy gave, so that a later change of customer may
    replace those, but never a person's own choice.
    """

    _inherit = "helpdesk.ticket"
    _order = "next_deadline, priority desc, sequence, number desc, id desc"

    partner_id = fields.Many2one(index=True)
    commercial_partner_id = fields.Many2one(index=True)
    relationship_id = fields.Many2one(
        "crm.relationship",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    relationship_segment_id = fields.Many2one(
        related="relationship_id.segment_id", string="Segment", groups="base.group_user"
    )
    relationship_type_id = fields.Many2one(
        related="relationship_id.primary_type_id",
        string="Relationship Type",
        groups="base.group_user",
    )
    policy_id = fields.Many2one(
        "crm.relationship.policy",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        groups="base.group_user",
        help="The promise that holds for this ticket.",
    )
    policy_reason = fields.Char(
        compute="_compute_policy_reason", groups="base.group_user"
    )
    first_response_deadline = fields.Datetime(readonly=True, copy=False)
    resolution_deadline = fields.Datetime(readonly=True, copy=False)
    first_response_at = fields.Datetime(
        string="First Response",
        readonly=True,
        copy=False,
        help="When a colleague first answered the customer, as both can read it.",
    )
    next_deadline = fields.Datetime(
        compute="_compute_next_deadline",
        store=True,
        help="The promise that falls due next; empty when the ticket is closed.",
    )
    next_promise = fields.Selection(
        [("first_response", "First response"), ("resolution", "Resolution")],
        compute="_compute_next_deadline",
        store=True,
    )
    promise_left = fields.Char(string="Time Left", compute="_compute_promise_left")
    promise_state = fields.Selection(
        [("late", "Late"), ("today", "Due today"), ("ahead", "In time")],
        compute="_compute_promise_left",
    )
    promise_problem = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why no deadline could be found.",
    )
    routing = fields.Json(
        copy=False,
        groups="base.group_user",
        help="Priority, team and owner as a policy gave them; a person's choice is not in it.",
    )

    # --- computes ---

    @api.depends("policy_id", "relationship_id")
    @api.depends_context("lang")
    def _compute_policy_reason(self):
        for ticket in self:
            policy = ticket.sudo().policy_id
            ticket.policy_reason = policy._get_reason() if policy else False

    @api.depends(
        "first_response_deadline",
        "resolution_deadline",
        "first_response_at",
        "stage_id.closed",
        "stage_id.is_waiting_customer",
        "duplicate_id",
    )
    def _compute_next_deadline(self):
        for ticket in self:
            ticket.next_promise, ticket.next_deadline = ticket._get_next_promise()

    def _get_next_promise(self):
        """The promise that is still open and due first, as (name, deadline); (False, False) if none is."""
        return min(
            self._get_open_promises(),
            key=lambda promise: promise[1],
            default=(False, False),
        )

    def _get_open_promises(self):
        """The promises whose clocks run, as (name, deadline)."""
        self.ensure_one()
        if self.stage_id.closed or self._is_merged():
            return []
        promises = []
        if not self.sudo().stage_id.is_waiting_customer:
            promises.append(("resolution", self.resolution_deadline))
        if not self.first_response_at:
            promises.append(("first_response", self.first_response_deadline))
        return [promise for promise in promises if promise[1]]

    @api.depends("next_deadline")
    @api.depends_context("lang", "tz")
    def _compute_promise_left(self):
        now = fields.Datetime.now()
        today = fields.Datetime.context_timestamp(self, now).date()
        for ticket in self:
            due = ticket.next_deadline
            ticket.promise_left = due and ticket._get_left_text(
                (due - now).total_seconds()
            )
            if not due:
                ticket.promise_state = False
            elif due < now:
                ticket.promise_state = "late"
            else:
                due_day = fields.Datetime.context_timestamp(ticket, due).date()
                ticket.promise_state = "today" if due_day == today else "ahead"

    def _get_left_text(self, seconds):
        days, hours, minutes = worktime.split_duration(seconds)
        if days:
            duration = self.env._("%(days)s d %(hours)s h", days=days, hours=hours)
        else:
            duration = self.env._(
                "%(hours)s h %(minutes)s min", hours=hours, minutes=minutes
            )
        if seconds < 0:
            return self.env._("late by %(duration)s", duration=duration)
        return self.env._("%(duration)s left", duration=duration)

    # --- checks ---

    @api.constrains("partner_id")
    def _check_partner_active(self):
        for ticket in self:
            if ticket.partner_id and not ticket.partner_id.active:
                raise ValidationError(
                    self.env._(
                        "%(customer)s is archived, so no ticket can be opened for it. Restore the contact, or choose"
                        " another customer; nothing else of the ticket needs to change.",
                        customer=ticket.partner_id.display_name,
                    )
                )

    # --- create, write, messages ---

    @api.model_create_multi
    def create(self, vals_list):
        self._complete_promises(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if {"partner_id", "company_id"} & set(vals):
            self._apply_promise(is_rerouted=True)
        elif {"team_id", "kind_id"} & set(vals):
            self._apply_promise()
        return result

    @api.model
    def message_new(self, msg, custom_values=None):
        """A mail is routed like any other ticket: the team of an alias is not a person's choice.

        A mail from an archived contact becomes a ticket of an unknown sender: nothing is lost.
        """
        values = dict(custom_values or {})
        author = self.env["res.partner"].browse(msg.get("author_id") or ())
        if author and not author.active:
            values.setdefault("partner_id", False)
            values.setdefault("partner_name", author.name)
        elif author and values.get("team_id") and not values.get("partner_id"):
            values["routing"] = {"team_id": values["team_id"]}
        return super().message_new(msg, custom_values=values)

    # --- the promise ---

    @api.model
    def _get_company(self, vals):
        """The company that a ticket with these values will have (helpdesk: its team's goes first)."""
        team = (
            self.env["helpdesk.ticket.team"].sudo().browse(vals.get("team_id") or False)
        )
        company_id = team.company_id.id or vals.get("company_id")
        return self.env["res.company"].browse(
            company_id
            or self.env.context.get("default_company_id")
            or self.env.company.id
        )

    @api.model
    def _get_kind(self, vals):
        """The kind that a ticket with these values will have."""
        return self.env["crm.relationship.ticket.kind"].browse(vals.get("kind_id"))

    @api.model
    def _complete_promises(self, vals_list):
        """Put relationship, policy, deadlines and routing into the values of tickets to be created.

        Queries are constant in the number of tickets.
        """
        partner_ids = [
            vals.get("partner_id")
            or self.env.context.get("default_partner_id")
            or False
            for vals in vals_list
        ]
        companies = [self._get_company(vals) for vals in vals_list]
        relationships = self._get_relationships(partner_ids, companies)
        now = fields.Datetime.now()
        promises = Promises(self.env, [now])
        kinds = self._get_kind
        for vals, company, relationship in zip(
            vals_list, companies, relationships, strict=True
        ):
            policy = promises.get_policy(relationship, company)
            given = self._prepare_routing_values(policy, relationship, promises.owners)
            chosen = {
                name for name in ROUTED_FIELDS if self._is_chosen(name, vals, given)
            }
            vals.update({name: given[name] for name in given if name not in chosen})
            team = (
                self.env["helpdesk.ticket.team"]
                .sudo()
                .browse(vals.get("team_id") or False)
            )
            vals.update(
                self._prepare_promise_values(relationship, policy),
                **promises.get_deadlines(policy, team, company, now, kinds(vals)),
                routing={
                    name: vals.get(name, given.get(name, False))
                    for name in ROUTED_FIELDS
                    if name not in chosen
                },
            )
        self._assign_owners(vals_list, companies, promises.owners)

    @api.model
    def _is_chosen(self, name, vals, given):
        """Whether the values hold a person's own choice: given, not empty, not what the policy gives anyway, and
        not said to be nobody's choice where the policy gives another."""
        if name not in vals or (name != "priority" and not vals[name]):
            return False
        is_replaced = name in given and (vals.get("routing") or {}).get(name)
        return vals[name] != given.get(name) and is_replaced != vals[name]

    @api.model
    def _get_relationships(self, partner_ids, companies):
        """The relationship of each partner with the company beside it, made where missing.

        :param partner_ids: ids of res.partner, False for unknown senders; as long as companies.
        :return: list of crm.relationship (superuser: an agent need not see the whole customer), empty for none.
        """
        partners = (
            self.env["res.partner"]
            .sudo()
            .browse(partner_id or 0 for partner_id in partner_ids)
        )
        commercials = [
            (company.id, partner.id and partner.commercial_partner_id.id)
            for partner, company in zip(partners, companies, strict=True)
        ]
        relationships = self.env["crm.relationship"].sudo()
        found = relationships._get_or_create([pair for pair in commercials if pair[1]])
        return [found.get(pair, relationships) for pair in commercials]

    @api.model
    def _get_policy(self, relationship, company):
        """The policy of the relationship, the floor without one."""
        return Promises(self.env).get_policy(relationship, company)

    @api.model
    def _prepare_routing_values(self, policy, relationship, owners=None):
        """Priority, team and owner that a policy gives; only what it says something about."""
        values = {"priority": policy.priority or "1"}
        if policy.team_id:
            values["team_id"] = policy.team_id.id
        if policy.route_to_manager and relationship:
            owner = (owners or Owners(self.env)).get_keeper(relationship)
            if owner:
                values["user_id"] = owner.id
        return values

    @api.model
    def _prepare_promise_values(self, relationship, policy):
        return {"relationship_id": relationship.id, "policy_id": policy.id}

    def _apply_promise(self, is_rerouted=False):
        """Renew relationship, policy and deadlines of these tickets; closed ones only change their relationship.

        :param is_rerouted: the customer changed: replace the priority, team and owner that the old policy gave.
        :return: the tickets that had something to change.
        """
        changed_ids = []
        relationships = self._get_relationships(
            [ticket.partner_id.id for ticket in self],
            [ticket.company_id for ticket in self],
        )
        promises = Promises(self.env, [ticket._get_start() for ticket in self])
        for ticket, relationship in zip(self, relationships, strict=True):
            if ticket.stage_id.closed:
                values = {"relationship_id": relationship.id}
            else:
                values = ticket._prepare_renewal(promises, relationship, is_rerouted)
            # Nobody follows the deadlines' course: only a new customer's routing is worth a line in the history.
            written = ticket.with_context(tracking_disable=not is_rerouted)
            if written._write_changed(values):
                changed_ids.append(ticket.id)
        return self.browse(changed_ids)

    def _prepare_renewal(self, promises, relationship, is_rerouted):
        policy = promises.get_policy(relationship, self.company_id)
        values = self._prepare_promise_values(relationship, policy)
        team = self.team_id
        if is_rerouted:
            values.update(
                self._prepare_rerouting(policy, relationship, promises.owners)
            )
            team = self.env["helpdesk.ticket.team"].browse(
                values.get("team_id", team.id)
            )
        values.update(
            promises.get_deadlines(
                policy,
                team.sudo(),
                self.company_id,
                self._get_start(),
                self.kind_id,
                self.sudo().stopped_hours,
            )
        )
        return values

    def _get_start(self):
        """When the clock of the promise started: when the ticket was made, or an older one that it stands for."""
        start = self.create_date or fields.Datetime.now()
        return min(self.duplicate_opened_at or start, start)

    def _prepare_rerouting(self, policy, relationship, owners=None):
        """What the new policy gives in place of what the old one gave; a person's choice stays."""
        given = self._prepare_routing_values(policy, relationship, owners)
        before = self.sudo().routing or {}
        values = {}
        for name in ROUTED_FIELDS:
            current = self[name] if name == "priority" else self[name].id
            is_own_choice = name not in before or before[name] != current
            if not is_own_choice or not current or self._is_elsewhere(name):
                values[name] = given.get(name, False)
        return dict(values, routing={**before, **values})

    def _is_elsewhere(self, name):
        """Whether the team or the owner is not of the company to which the ticket went."""
        ticket = self.sudo()
        if name == "team_id":
            return bool(ticket.team_id.company_id - ticket.company_id)
        if name == "user_id":
            return ticket.company_id not in ticket.user_id.company_ids
        return False

    def _write_changed(self, values):
        """Write what is different; whether anything was."""
        self.ensure_one()
        record = self.sudo()
        changed = {
            name: value
            for name, value in values.items()
            if record._fields[name].convert_to_write(record[name], record) != value
        }
        return bool(changed) and super(HelpdeskTicket, record).write(changed)
