from markupsafe import Markup

from odoo import models

from ...promise import Promises
from ...queries import ticket_events


class HelpdeskTicket(models.Model):
    """A duplicate is merged into the ticket that is kept: what was written and counted on it goes there.

    Tickets of different customers, or companies, only point to each other: neither may read what the other wrote.
    """

    _inherit = "helpdesk.ticket"

    def write(self, vals):
        merged = self.browse()
        if "duplicate_id" in vals:
            merged = self.filtered(
                lambda ticket: ticket._is_merged()
                and ticket.duplicate_id.id != vals["duplicate_id"]
            )
        kept = {ticket: ticket._get_kept() for ticket in merged}
        result = super().write(vals)
        for ticket in merged:
            ticket._take_back(kept[ticket])
        if vals.get("duplicate_id"):
            for ticket in self:
                ticket._merge()
        return result

    def _get_kept(self):
        """The ticket into which this one was merged, over all steps; itself if it was not."""
        ticket, seen = self, self.browse()
        while ticket._is_merged() and ticket not in seen:
            seen |= ticket
            ticket = ticket.duplicate_id
        return ticket

    def _is_merged(self):
        """Whether what is written on this ticket belongs to the one that it is a duplicate of."""
        kept = self.sudo().duplicate_id
        customers = self.sudo().commercial_partner_id | kept.commercial_partner_id
        return bool(kept and kept.company_id == self.company_id and len(customers) < 2)

    def _merge(self):
        """Hand everything over to the ticket that this one is a duplicate of."""
        self.ensure_one()
        self.duplicate_id.check_access("read")
        # sudo: the files and events of both tickets, which the user may read
        source, kept = self.sudo(), self.sudo().duplicate_id
        if not source._is_merged():
            source._note_only_linked(kept)
            return
        (source | kept)._rebuild_unknown()
        start = kept._get_start()
        is_told = source._move_messages(kept)
        kept.message_subscribe(partner_ids=source.message_partner_ids.ids)
        ticket_events.move(self.env, source.id, kept.id)
        if source.partner_id and not kept.partner_id:
            kept.partner_id = source.partner_id
        (source | kept)._update_service()
        kept._apply_promise()
        if kept._get_start() < start:
            kept._promise_since_start()
        source._note_merged(kept, is_told)

    def _take_back(self, kept):
        """It was no duplicate after all: what happened on it is its own again, with the messages behind it.

        Internal notes stay where they were read: nothing tells of which ticket they were.
        """
        # sudo: the files and events of both tickets, of which the user may write this one
        ticket, kept = self.sudo(), kept.sudo()
        holder_ids = ticket_events.take_back(
            self.env, ticket.id, ticket._get_merged().ids
        )
        messages = ticket.event_ids.message_id.filtered(
            lambda message: message.model == self._name and message.res_id != ticket.id
        )
        files = messages.attachment_ids.filtered(
            lambda file: file.res_model == self._name
            and file.res_id in messages.mapped("res_id")
        )
        files.write({"res_id": ticket.id})
        messages.write({"res_id": ticket.id})
        both = ticket | kept.browse(holder_ids)
        both._update_service()
        both._apply_promise()
        text = self.env._(
            "%(duplicate)s is no duplicate of %(ticket)s any more: what was said on it is there again.",
            duplicate=ticket._get_html_link(title=ticket.display_name),
            ticket=kept._get_html_link(title=kept.display_name),
        )
        for one in ticket | kept:
            one._message_log(body=text)

    def _get_merged(self):
        """The tickets that were merged into this one, over all steps."""
        merged, found = self.browse(), self.duplicate_ids
        while found := (found - merged - self).filtered(lambda one: one._is_merged()):
            merged |= found
            found = found.duplicate_ids
        return merged

    def _promise_since_start(self):
        """The clock started earlier than was known: a closed ticket is judged by that too."""
        promises = Promises(self.env, [self._get_start()])
        self._write_silently(promises.get_deadlines_of(self))

    def _move_messages(self, kept):
        """Messages and files go to the ticket that is kept; the tracked changes of this one stay its own.

        :return: whether the message that opened this ticket is among them.
        """
        messages = self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "!=", "user_notification"),
                ("tracking_value_ids", "=", False),
                "|",
                ("message_type", "!=", "notification"),
                ("subtype_id", "!=", self._creation_subtype().id),
            ]
        )
        messages.write({"res_id": kept.id})
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("res_field", "=", False),
            ]
        )
        files.write({"res_id": kept.id})
        return any(
            message.message_type == "email" and self._is_opening(message)
            for message in messages
        )

    def _note_merged(self, kept, is_told):
        """Say on both tickets what became of them, and here what the duplicate said if no message did."""
        texts = Markup()
        if not is_told:
            texts = Markup("<blockquote>%s</blockquote>") % (self.description or "")
        kept._message_log(
            body=Markup("<p>%s</p>%s")
            % (
                self.env._(
                    "%(duplicate)s was merged into this ticket, with all its messages and files.",
                    duplicate=self._get_html_link(title=self.display_name),
                ),
                texts,
            )
        )
        self._message_log(
            body=self.env._(
                "Merged into %(ticket)s: messages and files are there, and what is written on this ticket from now on.",
                ticket=kept._get_html_link(title=kept.display_name),
            )
        )

    def _note_only_linked(self, kept):
        self._message_log(
            body=self.env._(
                "%(ticket)s is of another customer or company, so messages and files stay here and this ticket is"
                " answered by itself.",
                ticket=kept._get_html_link(title=kept.display_name),
            )
        )
