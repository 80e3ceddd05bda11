from odoo import api, models
from odoo.tools import email_normalize_all
from odoo.tools.mail import decode_message_header


class HelpdeskTicket(models.Model):
    """Who wrote a mail: the customer to whom the address belongs, and nobody where it belongs to several."""

    _inherit = "helpdesk.ticket"

    @api.model
    def message_new(self, msg, custom_values=None):
        """Tell the agent whose mail it may be, where that is not sure."""
        values = dict(custom_values or {})
        possible_ids = values.pop("possible_partner_ids", [])
        ticket = super().message_new(msg, custom_values=values)
        ticket._note_possible_customers(possible_ids)
        return ticket

    def _note_possible_customers(self, partner_ids):
        customers = self.env["res.partner"].sudo().browse(partner_ids)
        if not customers:
            return
        self._message_log(
            body=self.env._(
                "This mail may be of any of these customers, its address belongs to each: %(customers)s. Ask who wrote"
                " it, and choose the customer on the ticket; until then it has the promise to everybody.",
                customers=", ".join(customers.mapped("display_name")),
            )
        )

    @api.model
    def _find_senders(self, message, message_dict):
        """All contacts that have an address in the From of a mail, the oldest first. One query.

        Index: ``res_partner_relationship_email_idx``.
        """
        written = decode_message_header(message, "From", separator=",")
        addresses = email_normalize_all(written or message_dict["email_from"] or "")
        return (
            # sudo: the gateway may run for a user who sees few customers
            self.env["res.partner"]
            .sudo()
            .search_fetch(
                [("email_normalized", "in", addresses)],
                ["commercial_partner_id", "company_id", "partner_share"],
                order="id",
            )
        )

    def _get_author(self, company, senders, message_dict):
        """Who wrote, and the customers that it may have been.

        On a ticket of one of them it is that one. Else, where the address belongs to several customers, it is nobody:
        a person has to say who it was.

        :param self: the ticket that is answered, or empty.
        :param senders: contacts with the address of the sender.
        :return: (a partner or empty, the customers).
        """
        author = senders.browse(message_dict.get("author_id") or ())
        if author and not author.partner_share:
            return author, author.commercial_partner_id
        senders = senders.filtered(
            lambda sender: not sender.company_id or sender.company_id == company
        )
        own = senders.filtered(
            lambda sender: sender.commercial_partner_id == self.commercial_partner_id
        )
        senders = own or senders
        customers = senders.commercial_partner_id
        if len(customers) > 1:
            return author.browse(), customers
        if senders and author not in senders:
            author = senders[:1]
        return author, customers
