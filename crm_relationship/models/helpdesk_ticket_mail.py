from odoo import models
from odoo.tools import format_datetime

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
                "deadline": format_datetime(self.env, promise["deadline"], tz=zone),
                "zone": zone,
            }
            for promise in self._prepare_portal_promises()
            if promise["state"] in ("ahead", "late")
        ]

    def _get_calendar_zone(self):
        calendar = self.policy_id.calendar_id or self.company_id.resource_calendar_id
        return calendar.tz or "UTC"

    # --- how it is sent ---

    def _send_notice(self, template):
        """Queue a mail to the customer of each ticket; what he answers reaches the ticket."""
        mails = template.sudo().send_mail_batch(
            self.ids, email_values={"headers": repr(GENERATED_HEADER)}
        )
        addresses = self._notify_get_reply_to()
        for mail in mails:
            mail.reply_to = addresses[mail.res_id] or mail.reply_to

    def _message_track_post_template(self, changes):
        automatic = self.with_context(relationship_automatic=True)
        return super(HelpdeskTicket, automatic)._message_track_post_template(changes)

    def _notify_by_email_get_headers(self, headers=None):
        found = super()._notify_by_email_get_headers(headers=headers)
        if self.env.context.get("relationship_automatic"):
            found.update(GENERATED_HEADER)
        return found

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """What a program answered is passed on to us only: to another customer's program it would be a question."""
        people = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        if not self.env.context.get("relationship_auto_reply"):
            return people
        return [person for person in people if not person["share"]]
