from datetime import datetime, timedelta

from odoo import api, fields, models

# Before this only machines wrote whose clock was never set.
EARLIEST = datetime(1990, 1, 1)


class HelpdeskTicket(models.Model):
    """What a customer writes reaches the ticket on which it is worked: an open one, one that was closed lately and is
    opened again, or one that follows it up."""

    _inherit = "helpdesk.ticket"

    # The gateway counts the tickets of an address by it: a loop of mails is broken off.
    _relationship_opened_idx = models.Index("(create_date)")

    # --- mails ---

    @api.model
    def _route_mail(self, message, message_dict, routes):
        """The routes of a mail, those of tickets led to where it is worked on.

        :param message_dict: what Odoo parsed; its author and its date are put right.
        """
        self._correct_date(message_dict)
        senders = self._find_senders(message, message_dict)
        return [
            self._route_to_ticket(route, senders, message_dict)
            if route[0] == self._name
            else route
            for route in routes
        ]

    @api.model
    def _route_to_ticket(self, route, senders, message_dict):
        model, ticket_id, values, user_id, alias = route
        values = dict(values or {})
        ticket = self.sudo().browse(ticket_id or ())._get_kept()
        company = ticket.company_id or self._get_company(values)
        author, customers = ticket._get_author(company, senders, message_dict)
        message_dict["author_id"] = author.id
        if ticket and ticket._is_answer_of_customer(author, message_dict):
            current = ticket._get_current()
            if not current:
                values.update(ticket._prepare_follow_up_values(author))
                if ticket.name in (message_dict.get("subject") or ""):
                    values["name"] = ticket.name  # without number and Re: of our mail
            ticket = current
        if not ticket and len(customers) > 1:
            values["possible_partner_ids"] = customers.ids
        return model, ticket.id, values, user_id, alias

    def _is_answer_of_customer(self, author, message_dict):
        """Whether a mail is what the customer's side wrote: no program, and no note among us."""
        return (
            not self.env.context.get("relationship_auto_reply")
            and not message_dict.get("is_internal")
            and self._is_customer_side(author)
        )

    @api.model
    def _correct_date(self, message_dict):
        """A mail that is dated into the future, or long before there were any, is of now."""
        date = fields.Datetime.to_datetime(message_dict.get("date"))
        now = fields.Datetime.now()
        if date and not EARLIEST <= date <= now:
            message_dict["date"] = fields.Datetime.to_string(now)

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Too many tickets of one address in a short time are a loop, as for all other documents of Odoo."""
        return [("partner_email", "ilike", email_from_normalized)]

    def _track_template(self, changes):
        """Nothing is sent by itself to a program, nor to who asks for no such answer."""
        templates = super()._track_template(changes)
        return {} if self.env.context.get("relationship_no_answer") else templates

    # --- messages, whatever way they came ---

    def _on_reply(self, kind, message):
        """What a customer writes on a ticket that is not worked on any more, is carried to where it is."""
        current = self if kind == "agent_reply" else self.sudo()._get_current()
        if current == self:
            return super()._on_reply(kind, message)
        if current:
            return current._repeat(message)
        return self.sudo()._follow_up(message)

    def _on_customer_reply(self, message):
        """A ticket that was closed lately goes back to work."""
        result = super()._on_customer_reply(message)
        ticket = self.sudo()
        if ticket.stage_id.closed:
            ticket.stage_id = ticket._get_working_stage() or ticket.stage_id
        return result

    def _get_current(self):
        """The ticket on which a message of the customer is worked: this one, the one it was merged into, or the
        latest that follows it up; empty if all of them are closed for too long."""
        ticket, seen = self._get_kept(), self.browse()
        while ticket and ticket not in seen and not ticket._takes_messages():
            seen |= ticket
            ticket = ticket.follow_up_ids.sorted("id")[-1:]._get_kept()
        return ticket - seen

    def _takes_messages(self):
        """Whether the ticket is open, or was closed so lately that a message of the customer opens it again."""
        if not self.stage_id.closed or not self.active:
            return self.active
        closed_at = self.resolved_at or self.last_stage_update or self.create_date
        days = self.company_id._get_reopen_window_days()
        return fields.Datetime.now() - closed_at <= timedelta(days=days)

    def _repeat(self, message):
        """Post what was written on another ticket here too, with its files."""
        return self.message_post(
            body=message.body,
            subject=message.subject,
            author_id=message.author_id.id,
            email_from=message.email_from,
            message_type=message.message_type,
            subtype_xmlid="mail.mt_comment",
            attachment_ids=self._copy_files(message).ids,
        )

    def _copy_files(self, message):
        """Copies of the files of a message, that belong to this ticket."""
        return message.sudo().attachment_ids.copy(
            {"res_model": self._name, "res_id": self.id}
        )
