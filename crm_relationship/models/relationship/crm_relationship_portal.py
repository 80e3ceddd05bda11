from odoo import api, models
from odoo.fields import Domain

OPEN_TICKETS_SHOWN = 20


class CrmRelationship(models.Model):
    """What a customer sees of his own relationship in the portal.

    The file itself is read with the customer's own rights. Superuser rights serve single things that he may not
    read as records, but that are promised to him: people to reach, terms of the policy that holds.
    """

    _inherit = "crm.relationship"

    @api.model
    def _get_own_domain(self):
        """The relationships of the user's own company with ours."""
        return Domain("partner_id", "=", self.env.user.commercial_partner_id.id)

    @api.model
    def _get_own(self):
        """The user's own relationships, one per company of ours; none for users who may not read any."""
        relationships = self.with_context(active_test=False)
        return (
            relationships.search(self._get_own_domain(), order="company_id")
            if self.has_access("read")
            else self.browse()
        )

    @api.model
    def _new_own(self):
        """The relationship that the user would have with the current company, not stored.

        For customers before their first order or ticket: they too have promises and a way to a person.
        """
        return self.sudo().new(  # sudo: fields of colleagues; holds the user's own partner only
            {
                "partner_id": self.env.user.commercial_partner_id.id,
                "company_id": self.env.company.id,
            }
        )

    def _prepare_portal_values(self):
        """All that the portal page of this relationship shows."""
        self.ensure_one()
        return {
            "relationship": self,
            "our_company": self.company_id.sudo(),  # sudo: address and phone of ours
            "is_self_service_first": self.primary_type_id.is_self_service_first,
            "relationship_types": self.primary_type_id | self.type_ids,
            "contacts": self._prepare_portal_contacts(),
            "promise": self._prepare_portal_promise(),
            "services": self._prepare_portal_services(),
            **self._prepare_portal_tickets(),
        }

    def _prepare_portal_contacts(self):
        """The people responsible for this customer, ways to reach them included; the manager first.

        :return: list of dict(role, name, email, phone, image), empty where nobody is named.
        """
        people = self.sudo()  # sudo: a customer may not read our users
        roles = [
            (people.manager_id, self.env._("Your contact person")),
            (people.deputy_id, self.env._("Deputy of your contact person")),
        ]
        active = [(user, role) for user, role in roles if user.active]
        if len(active) == 1:
            active = [(active[0][0], roles[0][1])]
        return [
            {
                "role": role,
                "name": user.name,
                "email": user.email,
                "phone": user.phone,
                "image": user.avatar_128,
            }
            for user, role in active
        ]

    def _prepare_portal_promise(self):
        """How soon we answer and solve, in which hours, and by which channels, in plain words."""
        policy = self._get_policy_chain()[:1]
        calendar = policy.calendar_id or self.company_id.sudo().resource_calendar_id
        return {
            "first_response": policy._get_hours_text(policy.first_response_hours),
            "resolution": policy._get_hours_text(policy.resolution_hours),
            "working_hours": calendar._get_week_text(),
            "is_around_clock": calendar._is_around_clock(),
            "channels": self._get_portal_channels(policy),
        }

    def _get_portal_channels(self, policy):
        """Names of the ways by which this customer reaches us: the policy's; where it names none, all."""
        types = self.type_ids.sudo()  # sudo: names of channels, promised to him
        channels = policy.channel_ids or policy._get_all_channels() | types.channel_ids
        return list(dict.fromkeys(channels.sorted().mapped("name")))

    def _prepare_portal_services(self):
        """What this customer is entitled to: list of dict(name, description, terms, is_included)."""
        return [
            {
                "name": item.service_id.name,
                "description": item.service_id.description,
                "terms": item._get_terms_label(),
                "is_included": item.access == "included",
            }
            for item in self._get_entitlements()
            if item.service_id.active
        ]

    def _prepare_portal_tickets(self):
        """The customer's open tickets, the next deadline first, and how many are closed."""
        tickets = self.env["helpdesk.ticket"].with_user(self.env.user)
        domain = Domain("commercial_partner_id", "=", self.partner_id.id)
        domain &= Domain("company_id", "=", self.company_id.id)
        is_open = Domain("stage_id.closed", "=", False)
        return {
            "open_tickets": tickets.search(domain & is_open, limit=OPEN_TICKETS_SHOWN),
            "open_ticket_count": tickets.search_count(domain & is_open),
            "closed_ticket_count": tickets.search_count(domain & ~is_open),
        }

    def _prepare_portal_entries(self):
        """One entry per relationship for the list, where a customer has several companies of ours."""
        counts = dict(
            self.env["helpdesk.ticket"]._read_group(
                [
                    ("relationship_id", "in", self.ids),
                    ("stage_id.closed", "=", False),
                ],
                ["relationship_id"],
                ["__count"],
            )
        )
        return [
            {
                "relationship": relationship,
                "company_name": relationship.company_id.sudo().name,
                "type_names": relationship.type_ids.mapped("name"),
                "open_ticket_count": counts.get(relationship, 0),
            }
            for relationship in self
        ]


class CrmRelationshipPolicy(models.Model):
    """The terms of a policy in words for customers."""

    _inherit = "crm.relationship.policy"

    def _get_hours_text(self, hours):
        """Working hours of a promise, as a customer reads them: “within 8 working hours”."""
        whole, minutes = divmod(round(hours * 60), 60)
        if not whole:
            return self.env._("within %(minutes)s working minutes", minutes=minutes)
        if minutes:
            return self.env._(
                "within %(hours)s working hours and %(minutes)s minutes",
                hours=whole,
                minutes=minutes,
            )
        if whole == 1:
            return self.env._("within one working hour")
        return self.env._("within %(hours)s working hours", hours=whole)

    def _get_all_channels(self):
        """Every channel of the company and of all companies, save the one for whatever fits no other."""
        other = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_channel_other", raise_if_not_found=False
        )
        domain = Domain("company_id", "in", [False, self.company_id.id])
        if other:
            domain &= Domain("id", "!=", other.id)
        return self.env["helpdesk.ticket.channel"].search(domain)
