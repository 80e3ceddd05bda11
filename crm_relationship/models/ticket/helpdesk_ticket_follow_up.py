from markupsafe import Markup

from odoo import api, fields, models

CHANNELS = {
    "email": "helpdesk_mgmt.helpdesk_ticket_channel_email",
    "comment": "helpdesk_mgmt.helpdesk_ticket_channel_web",
}
# Source: RFC 3834, section 5; the second one is Exchange's.
AUTOMATIC_HEADER = {
    "Auto-Submitted": "auto-replied",
    "X-Auto-Response-Suppress": "All",
}


class HelpdeskTicket(models.Model):
    """What a customer writes on a ticket that was closed long ago makes a new one, and he is told so."""

    _inherit = "helpdesk.ticket"

    follow_up_of_id = fields.Many2one(
        "helpdesk.ticket",
        string="Follows up",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The customer wrote on this ticket when it had been closed for too long to be reopened.",
    )
    follow_up_ids = fields.One2many(
        "helpdesk.ticket", "follow_up_of_id", string="Followed up by", readonly=True
    )

    @api.model
    def message_new(self, msg, custom_values=None):
        """A follow-up is announced once, after the mail: not by its first stage too."""
        if not (custom_values or {}).get("follow_up_of_id"):
            return super().message_new(msg, custom_values=custom_values)
        quiet = self.with_context(relationship_no_answer=True)
        ticket = super(HelpdeskTicket, quiet).message_new(msg, custom_values)
        return ticket.with_env(self.env)

    def _message_post_after_hook(self, message, msg_vals):
        result = super()._message_post_after_hook(message, msg_vals)
        if message.message_type == "email" and self._is_opening(message):
            if self.follow_up_of_id:
                self._announce_follow_up()
        return result

    def _follow_up(self, message):
        """Make a ticket of a message that was written here."""
        quiet = self.with_context(relationship_no_answer=True)
        ticket = quiet.create(
            {
                **self._prepare_follow_up_values(message.author_id),
                "name": self.name,
                "partner_email": message.author_id.email or self.partner_email,
                "description": message.body or self.name,
                "channel_id": self._get_channel(message.message_type).id,
            }
        ).with_env(self.env)
        ticket._copy_files(message)
        ticket._announce_follow_up()
        return ticket

    def _prepare_follow_up_values(self, author):
        """Of the same customer, team and category, save where a policy leads the ticket to another team."""
        customer = self._get_follow_up_customer(author)
        team = self.team_id.filtered("active")
        if team.company_id - self.company_id:
            team = team.browse()  # it would take the ticket to its own company
        values = {
            "company_id": self.company_id.id,
            "follow_up_of_id": self.id,
            "partner_id": customer.id,
            "partner_name": customer.name or self.partner_name,
            "category_id": self.category_id.filtered("active").id,
        }
        if team:
            values.update(team_id=team.id, routing={"team_id": team.id})
        return values

    def _get_follow_up_customer(self, author):
        """Who wrote if he is of the customer, or nobody knew the customer; else the customer of this ticket. Nobody
        where that contact is archived by now: it cannot have new tickets."""
        is_own = author.commercial_partner_id == self.commercial_partner_id
        customer = author if is_own or not self.partner_id else self.partner_id
        return customer.filtered("active")

    def _get_channel(self, message_type):
        name = CHANNELS.get(message_type, CHANNELS["comment"])
        channel = self.env.ref(name, raise_if_not_found=False)
        return channel or self.env["helpdesk.ticket.channel"]

    def _announce_follow_up(self):
        """Tell the customer, in his language, that his message is handled in this new ticket."""
        template = self.env.ref(
            "crm_relationship.mail_template_follow_up", raise_if_not_found=False
        )
        if not template or self.env.context.get("relationship_no_answer"):
            return
        partner = self.partner_id.filtered("email")
        if not partner and not self.partner_email:
            self._message_log(
                body=self.env._(
                    "The customer has no mail address, so nobody told him that this ticket continues %(ticket)s."
                    " Call him, or add an address to the contact.",
                    ticket=self.follow_up_of_id.display_name,
                )
            )
            return
        text = template.sudo()._generate_template(self.ids, ("subject", "body_html"))
        self.sudo().message_post(
            subject=text[self.id]["subject"],
            body=Markup(text[self.id]["body_html"]),
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.company_id.partner_id.id,
            email_from=self.company_id.email_formatted,
            partner_ids=partner.ids,
            outgoing_email_to=False if partner else self.partner_email,
            notify_skip_followers=True,
            mail_headers=AUTOMATIC_HEADER,
        )
