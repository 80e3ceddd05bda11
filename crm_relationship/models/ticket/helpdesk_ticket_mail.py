from odoo import fields, models
from odoo.tools import format_date, format_time

# Source: RFC 3834, section 5; the second one is Exchange's.
GENERATED_HEADER = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}


class HelpdeskTicket(models.Model):
    """What Odoo writes to a customer by itself: it says who works on the ticket, what is promised, where the ticket
    can be seen and how to reach a person, and that no program need answer it."""

    _inherit = "helpdesk.ticket"

    # --- what is in it ---

    def _get_mail_facts(self):
        """The part that all mails by ourselves have in common, in the language of the reader."""
        self.ensure_one()
        ticket = (
            self.sudo()
        )  # sudo: as on the page of the ticket, promised to its customer
        return self.env["ir.qweb"]._render(
            "crm_relationship.mail_ticket_facts",
            {
                "ticket": ticket,
                "people": ticket._prepare_portal_people(),
                "promises": [] if ticket.closed else ticket._prepare_mail_promises(),
                "company": ticket.company_id,
                "url": ticket.get_base_url() + ticket.get_portal_url(),
            },
            minimal_qcontext=True,
        )

    def _prepare_mail_promises(self):
        """The promises that are still to be kept, each as dict(name, deadline, zone) in words."""
        zone = self.partner_id.tz or self._get_calendar_zone()
        return [
            {
                "name": promise["name"],
                "deadline": self._get_mail_moment(promise["deadline"], zone),
                "zone": zone,
            }
            for promise in self._prepare_portal_promises()
            if promise["state"] in ("ahead", "late")
        ]

    def _get_mail_moment(self, moment, zone):
        """A moment in the words of the reader's language: “Monday, 2 March 2026, 17:00”."""
        day = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment)
        time = format_time(self.env, moment, tz=zone, time_format="short")
        return f"{format_date(self.env, day.date(), date_format='full')}, {time}"

    def _get_calendar_zone(self):
        calendar = self.policy_id.calendar_id or self.company_id.resource_calendar_id
        return calendar.tz or "UTC"

    # --- how it is sent ---

    def _send_notice(self, template, layout=None):
        """Queue a mail to the customer of each ticket, contact or not; what he answers reaches the ticket."""
        mails = template.sudo().send_mail_batch(
            self.ids,
            email_values={
                "headers": repr(GENERATED_HEADER),
                "message_type": "auto_comment",
            },
            email_layout_xmlid=layout,
        )
        automatic = self.with_context(relationship_automatic=True)
        addresses = automatic._notify_get_reply_to_batch()
        for mail in mails:
            mail.reply_to = addresses[mail.res_id] or mail.reply_to
        return mails

    def _message_track_post_template(self, changes):
        automatic = self.with_context(relationship_automatic=True)
        return super(HelpdeskTicket, automatic)._message_track_post_template(changes)

    def message_mail_with_source(self, source_ref, **kwargs):
        """Nobody becomes a contact because he is told something automatically: Odoo would make one of each address,
        or leave its layout out."""
        is_automatic = self.env.context.get("relationship_automatic")
        template, _view = self._get_source_from_ref(source_ref)
        unknown = self.browse()
        if is_automatic and template:
            unknown = self.filtered(lambda ticket: not ticket.partner_id)
        mails = self.env["mail.mail"].sudo()
        if self - unknown:
            known = super(HelpdeskTicket, self - unknown)
            mails += known.message_mail_with_source(source_ref, **kwargs)
        if unknown:
            layout = kwargs.get("email_layout_xmlid")
            notices = unknown._send_notice(template, layout).exists()
            notices.send_after_commit()
            mails += notices
        return mails

    def _notify_by_email_get_headers(self, headers=None):
        found = super()._notify_by_email_get_headers(headers=headers)
        if self.env.context.get("relationship_automatic"):
            found.update(GENERATED_HEADER)
        return found

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """What the customer answers to a mail that is made for many goes to the team as well, not to the address
        that takes every mail."""
        found = super()._notify_get_reply_to_batch(defaults, author_ids)
        is_automatic = self.env.context.get("relationship_automatic")
        known = {}
        for ticket in self.sudo().filtered("team_id"):
            team = ticket.team_id
            author_id = (author_ids or {}).get(ticket.id)
            if is_automatic:
                author_id = ticket.company_id.partner_id.id
            if (team, author_id) not in known:
                known[team, author_id] = team._notify_get_reply_to(author_id=author_id)
            found[ticket.id] = known[team, author_id][team.id] or found[ticket.id]
        return found

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Our company gets no mail of its own tickets, its address may be the one of the desk. What a program
        answered is passed on to us only: to another customer's program it would be a question."""
        people = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        is_automatic = self.env.context.get("relationship_auto_reply")
        own = self.sudo().company_id.partner_id.ids
        return [
            person
            for person in people
            if person["id"] not in own and not (is_automatic and person["share"])
        ]
