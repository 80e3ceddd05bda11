"""The customer says whether his closed ticket is solved: from the closing mail or from the portal."""

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from .portal import MAX_ID


class RelationshipTicketSolved(CustomerPortal):
    """A page with the question. Opening it changes nothing: mail programs open links by themselves."""

    @http.route(
        "/ticket/solved/<int:ticket_id>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
        sitemap=False,
    )
    def ticket_solved(self, ticket_id, token="", answer="", **_kw):
        """Ask, and take the answer of the form (POST with its token)."""
        ticket = self._find_asked_ticket(ticket_id, token)
        problem = False
        if request.httprequest.method == "POST":
            try:
                ticket._answer_solved(answer)
            except UserError as error:
                problem = str(error)
        values = {
            # not “ticket”: the layout would show its title to whoever has the link
            "asked": ticket,
            "token": token,
            "answer": answer,
            "problem": problem,
            "is_answered": request.httprequest.method == "POST" and not problem,
        }
        response = request.render("crm_relationship.ticket_solved_page", values)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _find_asked_ticket(self, ticket_id, token):
        """The ticket, by the signed link or because the visitor may read it; else it looks as if there were none."""
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
            return self._document_check_access("helpdesk.ticket", ticket_id)
        except (AccessError, MissingError):
            raise request.not_found() from None
