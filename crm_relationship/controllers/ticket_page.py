"""The customer's tickets in the portal: the list, and the page of one, where he follows and answers it.

A made-up address never ends in an error page, and tells nothing of the tickets of others.
"""

from odoo import fields, http
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk

from .portal import MAX_ID, get_people


class RelationshipTicketPortal(CustomerPortalHelpdesk):
    """The list and the page of tickets."""

    @http.route()
    def portal_my_tickets(self, **kw):
        """The list; what an address asks for and does not exist is left out."""
        response = super().portal_my_tickets(**self._drop_unknown(kw))
        if response.is_qweb:
            response.qcontext.update(get_people(request.env.company))
        return response

    def _drop_unknown(self, kw):
        known = {
            "sortby": self._ticket_get_searchbar_sortings(),
            "groupby": self._ticket_get_searchbar_groupby(),
            "search_in": self._ticket_get_searchbar_inputs(),
        }
        kept = {
            name: value
            for name, value in kw.items()
            if value in known.get(name, [value])
        }
        for name in ("date_begin", "date_end"):
            if not self._is_date(kept.get(name)):
                kept.pop(name, None)
        return kept

    def _is_date(self, text):
        try:
            return bool(fields.Datetime.to_datetime(text))
        except ValueError:
            return False

    @http.route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        """One ticket; a token that cannot be one is none."""
        token = access_token if access_token and access_token.isascii() else None
        return super().portal_my_ticket(ticket_id, token, **kw)

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        ticket._portal_ensure_token()  # without one a customer cannot answer in the chatter
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        problem = kwargs.get("problem")
        return {
            **values,
            **ticket._prepare_portal_values(),
            "problem": problem if problem in ("solved", "reply") else False,
            "is_visitor": request.env.user._is_public(),
            "is_customer": ticket._is_customer(request.env.user),
        }

    @http.route(
        "/my/ticket/<int:ticket_id>/reply",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        sitemap=False,
    )
    def portal_ticket_reply(self, ticket_id, text="", **_kw):
        """Answer without scripts."""
        tickets = request.env["helpdesk.ticket"]
        ticket = tickets.search([("id", "=", min(ticket_id, MAX_ID))])
        if not ticket:
            raise request.not_found()
        text = self._clean(text)
        if not text:
            return self.portal_my_ticket(ticket.id, problem="reply")
        known = ticket.sudo()._get_portal_related()
        ticket._post_from_portal(text, request.env.user.partner_id)
        return self._show_ticket(ticket, known)

    def _clean(self, text):
        """What somebody typed, without what no text has."""
        return text.replace("\0", "").strip() if isinstance(text, str) else ""

    def _show_ticket(self, ticket, known):
        """The page of the ticket, or of the one that just began to follow up on it.

        :param known: the tickets that belonged to it before.
        """
        follow_up = ticket.sudo()._get_portal_related() - known
        return request.redirect(f"/my/ticket/{(follow_up or ticket)[:1].id}")
