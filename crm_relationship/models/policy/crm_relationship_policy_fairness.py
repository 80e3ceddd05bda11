from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ...analytics import fairness
from .crm_relationship_policy import PROMISE_FIELDS

MAX_PROMISE_HOURS = 2000


class CrmRelationshipPolicy(models.Model):
    """What a policy may not be: worse than the floor, out of reach for some, different without a ground."""

    _inherit = "crm.relationship.policy"

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
            if policy.is_floor and (
                policy.segment_id or policy.type_id or not policy.active
            ):
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
        "first_response_hours",
        "resolution_hours",
        "priority",
        "calendar_id",
        "channel_ids",
        "active",
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
            policy.calendar_id or policy.company_id.resource_calendar_id
            for policy in (self, floor)
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
        given = floor.channel_ids or self._get_all_channels()
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
        """Check every company again, as when a segment is added: each company has a floor."""
        for company in self.sudo().search([("is_floor", "=", True)]).company_id:
            self.sudo().search([("company_id", "=", company.id)])._check_reach(company)

    def _get_offers(self):
        """Policy id -> service id -> the entitlement that the policy gives."""
        return {
            policy.id: {item.service_id.id: item for item in policy.entitlement_ids}
            for policy in self
        }

    def _check_reach(self, company):
        """What some customers can have, every segment must be able to reach: by its own policy or the floor."""
        offers = self._get_offers()
        none = self.env["crm.relationship.type"]
        rules = self._get_rules(company)
        reached = {
            segment.id: fairness.reach(
                self._get_chain(company, segment, none, rules).ids, offers
            )
            for segment in self.env["crm.relationship.segment"]
            .sudo()
            .search([("active", "=", True)])
        }
        offered = {service for terms in offers.values() for service in terms}
        for segment_id, service_id in fairness.unreachable(reached, offered):
            self._raise_unreachable(segment_id, service_id)

    def _raise_unreachable(self, segment_id, service_id):
        segment = self.env["crm.relationship.segment"].sudo().browse(segment_id)
        giving = self.entitlement_ids.filtered(
            lambda item: item.service_id.id == service_id
        )
        raise ValidationError(
            self.env._(
                "“%(service)s” is given by %(policies)s (%(access)s), but customers of the segment “%(segment)s”"
                " could not reach it at all. Add it to the floor or to their policy first: included, on request"
                " or paid.",
                service=giving.service_id.name,
                policies=", ".join(
                    f"“{name}”" for name in giving.policy_id.mapped("display_name")
                ),
                access=", ".join(
                    dict.fromkeys(
                        dict(item._fields["access"]._description_selection(self.env))[
                            item.access
                        ]
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
            if not item.ground and (
                not least or item._get_terms() != least._get_terms()
            ):
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” gives “%(service)s” as %(value)s while others get it as %(floor)s: say on what"
                        " ground (need, condition of use, contract).",
                        policy=self.display_name,
                        service=item.service_id.name,
                        value=item._get_terms_label(),
                        floor=least._get_terms_label()
                        if least
                        else self.env._("nothing"),
                    )
                )

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

    def _get_effect(self, limit):
        """For whom this policy holds: (relationships, their number, open tickets, their number).

        :param limit: how many of each to return; the numbers count all.
        """
        self.ensure_one()
        relationships, tickets = (
            self.env["crm.relationship"],
            self.env["helpdesk.ticket"],
        )
        customers = [("policy_id", "=", self.id)]
        open_tickets = [*customers, ("stage_id.closed", "=", False)]
        return (
            relationships.search(customers, limit=limit),
            relationships.search_count(customers),
            tickets.search(open_tickets, limit=limit),
            tickets.search_count(open_tickets),
        )

    def _get_effect_text(self):
        relationships, customer_count, tickets, ticket_count = self._get_effect(5)
        return self.env._(
            "%(customers)s customers (%(names)s) and %(tickets)s open tickets (%(numbers)s).",
            customers=customer_count,
            names=", ".join(relationships.mapped("display_name")) or "–",
            tickets=ticket_count,
            numbers=", ".join(tickets.mapped("number")) or "–",
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
