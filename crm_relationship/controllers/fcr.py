"""The customer says whether his closed ticket is solved: from the closing mail or from the portal."""

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from .portal import MAX_ID
from .ticket_page import RelationshipTicketPortal


class RelationshipTicketSolved(RelationshipTicketPortal):
    """A page with the question. Opening it changes nothing: mail programs open links by themselves."""

    @http.route(
        "/ticket/solved/<int:ticket_id>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def ticket_solved(self, ticket_id, token="", answer="", **kw):
        """Ask, and take the answer of the form (POST with its token)."""
        ticket = self._find_asked_ticket(ticket_id, token)
        if request.httprequest.method != "POST":
            return self._render_solved(ticket, token, answer)
        try:
            if not token:
                return self._answer_on_ticket_page(ticket, answer, kw.get("reason"))
            ticket._answer_solved(answer)
        except UserError as error:
            return self._render_solved(ticket, token, answer, problem=str(error))
        return self._render_solved(ticket, token, answer, is_answered=True)

    def _answer_on_ticket_page(self, ticket, answer, reason):
        """Yes, or no with a reason; without one the page comes back and asks for it."""
        text = self._clean(reason) if answer == "no" else ""
        if answer == "no" and not text:
            return self.portal_my_ticket(ticket.id, problem="solved")
        known = ticket.sudo()._get_portal_related()
        ticket._answer_solved(answer, text, request.env.user.partner_id)
        return self._show_ticket(ticket, known)

    def _render_solved(self, ticket, token, answer, problem=False, is_answered=False):
        values = {
            # not “ticket”: the layout would show its title to whoever has the link
            "asked": ticket,
            "token": token,
            "answer": answer,
            "problem": problem,
            "is_answered": is_answered,
            # sudo: of a duplicate, that of the ticket into which it was merged
            "is_closed": ticket.sudo()._get_kept().closed,
        }
        response = request.render("crm_relationship.ticket_solved_page", values)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _find_asked_ticket(self, ticket_id, token):
        """The ticket, by the signed link or because it is the visitor's; else it looks as if there were none."""
        # sudo: the link proves that its bearer was sent the question
        ticket = (
            request.env["helpdesk.ticket"]
            .sudo()
            .browse(min(ticket_id, MAX_ID))
            .exists()
        )
        if ticket and token.isascii() and ticket._is_solved_token(token):
            return ticket
        try:
            if token:
                raise request.not_found()
            ticket = self._document_check_access("helpdesk.ticket", ticket_id)
        except (AccessError, MissingError):
            raise request.not_found() from None
        if not ticket._is_customer(request.env.user):
            raise request.not_found()
        return ticket
