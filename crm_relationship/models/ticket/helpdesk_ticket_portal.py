from babel.lists import format_list
from babel.units import format_unit
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext, plaintext2html
from odoo.tools.misc import babel_locale_parse

from ...analytics import worktime

# Steps and messages that the page of a ticket shows; older ones are counted.
STEPS_SHOWN = 50
MESSAGES_SHOWN = 30
PRODUCTS_SHOWN = 200
# The same words again within so many minutes are the same form sent twice.
REPEAT_MINUTES = 5
# Steps that change whose turn it is, or who looks after the ticket; warnings and reasons are ours.
STEPS = (
    "opened",
    "assigned",
    "handed_over",
    "agent_reply",
    "customer_reply",
    "paused",
    "resumed",
    "resolved",
    "reopened",
)


class HelpdeskTicket(models.Model):
    """What a customer sees of his ticket in the portal, and what he can do with it.

    Who may see the ticket at all is checked before; what is told of it here is promised to him, though he may not
    read the records that it comes from.
    """

    _inherit = "helpdesk.ticket"

    portal_key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Of the form that opened the ticket: a form that is sent twice opens one ticket.",
    )

    _portal_key_unique = models.UniqueIndex(
        "(partner_id, portal_key) WHERE portal_key IS NOT NULL",
        "This form was sent already.",
    )

    def _prepare_portal_values(self):
        """All that the page of this ticket shows beyond what helpdesk_mgmt shows."""
        ticket = self.sudo()
        return {
            "people": ticket._prepare_portal_people(),
            "our_company": ticket.company_id,
            "promises": ticket._prepare_portal_promises(),
            "is_waiting_for_you": not ticket.closed and ticket.is_waiting_customer,
            "is_reopened_directly": ticket._is_reopened_directly(),
            "related_tickets": ticket._get_portal_related(),
            "product_name": ticket.with_context(
                display_default_code=False
            ).product_id.display_name,
            "messages": ticket._get_portal_messages(),
            **ticket._prepare_portal_steps(),
        }

    def _is_customer(self, user):
        """Whether a user speaks for the customer: he, a colleague of his or their head office asked. Colleagues of
        ours and followers may read the ticket too, but it is not theirs to say that it is settled."""
        self.ensure_one()
        partner, customer = user.partner_id, self.sudo().partner_id
        if partner == customer or not user.share:
            return partner == customer
        house = [("id", "child_of", partner.commercial_partner_id.id)]
        return bool(customer.with_context(active_test=False).filtered_domain(house))

    # --- people ---

    def _prepare_portal_people(self):
        """Who works on the ticket first, then who looks after the customer: as ``_prepare_portal_contacts``."""
        contacts = self.relationship_id._prepare_portal_contacts()
        owner = self.user_id.filtered("active")
        if not owner:
            return contacts
        mine = {
            "role": self.env._("Works on your ticket"),
            "name": owner.name,
            "email": owner.email,
            "phone": owner.phone,
            "image": owner.avatar_128,
        }
        others = [item for item in contacts if item["email"] != owner.email]
        return [mine, *others]

    # --- the promise ---

    def _prepare_portal_promises(self):
        """The two promises, each as dict(name, state, deadline, at, duration).

        ``state`` is ``kept`` or ``broken`` where it happened, ``ahead`` or ``late`` where it did not yet, ``paused``
        while the customer has to answer, and ``dropped`` for an answer to a ticket that was closed without one.
        ``duration`` is what is left, or by how much it was or is late, in words.
        """
        promises = []
        if self.first_response_deadline:
            is_answered = self.first_response_at
            promises.append(
                self._prepare_portal_promise(
                    "first_response", self.first_response_deadline, is_answered
                )
            )
            if self.closed and not is_answered:
                promises[0]["state"] = "dropped"
        if self.resolution_deadline:
            done = self.closed and self.resolved_at
            promise = self._prepare_portal_promise(
                "resolution", self.resolution_deadline, done
            )
            if not self.closed and self.is_waiting_customer:
                promise["state"] = "paused"
            elif self.resolution_verdict == "kept":
                promise["state"] = "kept"  # closed late, but while we waited for him
            promises.append(promise)
        return promises

    def _prepare_portal_promise(self, name, deadline, done_at):
        moment = done_at or fields.Datetime.now()
        is_late = moment > deadline
        states = ("kept", "broken") if done_at else ("ahead", "late")
        return {
            "name": name,
            "state": states[is_late],
            "deadline": deadline,
            "at": done_at,
            "duration": self._get_duration_text(
                abs((deadline - moment).total_seconds())
            ),
        }

    def _get_duration_text(self, seconds):
        """A duration in the words of the reader's language: “1 day and 3 hours”."""
        if seconds < 60:
            return self.env._("less than a minute")
        days, hours, minutes = worktime.split_duration(seconds)
        parts = [("day", days), ("hour", hours)]
        if not days:
            parts.append(("minute", minutes))
        locale = babel_locale_parse(self.env.lang)
        words = [
            format_unit(value, f"duration-{unit}", locale=locale)
            for unit, value in parts
            if value
        ]
        return format_list(words, locale=locale)

    # --- what happened ---

    def _prepare_portal_steps(self):
        """The course of events as the customer knows it: dict(steps, older_step_count), the newest first."""
        domain = Domain("ticket_id", "=", self.id) & Domain("kind", "in", STEPS)
        domain &= Domain("kind", "!=", "handed_over") | Domain(
            "to_user_id", "!=", False
        )
        events = self.env["crm.relationship.ticket.event"]
        shown = events.search(domain, order="date desc, id desc", limit=STEPS_SHOWN)
        older = 0
        if len(shown) == STEPS_SHOWN:
            older = events.search_count(domain) - STEPS_SHOWN
        steps = [
            {"date": event.date, "kind": event.kind, "text": self._get_step_text(event)}
            for event in shown
        ]
        return {"steps": steps, "older_step_count": older}

    def _get_step_text(self, event):
        """One thing that happened, in the customer's words. Who is told by name only where he is still with us."""
        env = self.env
        robot = event.user_id.browse(self._get_data_id("base.user_root"))
        agent = event.user_id - robot
        owner = event.to_user_id.filtered("active")
        if event.kind == "opened":
            return env._("We opened the ticket for you") if agent else env._("Opened")
        if event.kind in ("assigned", "handed_over"):
            if owner:
                return env._("%(name)s looks after it", name=owner.name)
            return env._("A colleague of ours looks after it")
        if event.kind == "agent_reply":
            if agent.active:
                return env._("%(name)s answered", name=agent.name)
            return env._("We answered")
        return {
            "customer_reply": env._("You wrote to us"),
            "paused": env._("Waits for your answer"),
            "resumed": env._("Waits for us again"),
            "resolved": env._("Closed"),
            "reopened": env._("Reopened"),
        }[event.kind]

    def _get_portal_messages(self):
        """The newest messages that customer and agents exchanged, for browsers without scripts."""
        return self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("comment", "email", "email_outgoing")),
                ("is_internal", "=", False),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
            ],
            order="id desc",
            limit=MESSAGES_SHOWN,
        )

    def _get_portal_related(self):
        """The ticket that this one follows up on, and those that follow up on it."""
        related = self.browse()
        for name in ("follow_up_of_id", "follow_up_ids"):
            if name in self._fields:
                related |= self[name]
        return related.filtered(
            lambda item: item.commercial_partner_id == self.commercial_partner_id
        )

    # --- what a customer does ---

    def _is_reopened_directly(self):
        """Whether a message of the customer opens this closed ticket again; after the company's window it becomes a
        ticket of its own that follows up on it."""
        return self._takes_messages()

    def _post_from_portal(self, text, author):
        """A message that the customer typed. The same words of the same author are posted once."""
        self.ensure_one()
        if self._is_repeated(text, author):
            return
        # sudo: a customer may not write tickets; that this one is his was checked
        self.sudo().message_post(
            body=plaintext2html(text),
            author_id=author.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def _is_repeated(self, text, author):
        since = fields.Datetime.now() - relativedelta(minutes=REPEAT_MINUTES)
        messages = self.sudo()._get_portal_messages()
        return any(
            message.author_id == author
            and message.date >= since
            and _squeeze(html2plaintext(message.body)) == _squeeze(text)
            for message in messages
        )

    def _close_from_portal(self, stage):
        """The customer says that it is settled. What a complaint still lacks then says so, in our own language."""
        self.ensure_one()
        # sudo: a customer may not write tickets; that this one is his was checked
        ticket = self.sudo().with_context(lang=self.sudo().company_id.partner_id.lang)
        values = {"stage_id": stage.id}
        if ticket.kind_id.needs_remedy:
            for name in ("cause", "remedy"):
                if not (ticket[name] or "").strip():
                    values[name] = ticket.env._("Closed by the customer.")
        ticket.write(values)

    # --- the form of a new one ---

    @api.model
    def _get_portal_products(self, partner, company):
        """id -> name of the products that the partner's company bought from ours, the last ones first."""
        # sudo: a customer may not read products; these are his own orders
        lines = self.env["sale.order.line"].sudo()
        groups = lines._read_group(
            [
                ("order_partner_id", "child_of", partner.commercial_partner_id.id),
                ("company_id", "=", company.id),
                ("state", "=", "sale"),
                ("product_id", "!=", False),
                ("is_downpayment", "=", False),
            ],
            ["product_id"],
            ["id:max"],
            order="id:max desc",
            limit=PRODUCTS_SHOWN,
        )
        products = lines.product_id.concat(*(product for product, _last in groups))
        return {
            product.id: product.display_name
            for product in products.with_context(display_default_code=False)
        }


def _squeeze(text):
    return " ".join(text.split())
