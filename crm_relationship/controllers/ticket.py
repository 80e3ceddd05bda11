"""Opening and closing tickets in the portal: what helpdesk_mgmt leaves open is closed here.

A ticket is closed by its own customer with a confirmed form only, a new ticket with a wrong or missing entry comes
back with what the customer typed, and one that is sent twice is opened once.
"""

import uuid

from psycopg2.errors import UniqueViolation

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import DEFAULT_MAX_CONTENT_LENGTH, request
from odoo.tools import human_size

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController

from .portal import get_people, parse_id

OVERSIZE_FACTOR = 4
MAX_KEY_LENGTH = 64
ENTRIES = ("subject", "description", "category", "team", "kind", "product", "key")


class RelationshipTicketController(HelpdeskTicketController):
    """Opening and closing a ticket."""

    # --- closing ---

    @http.route(methods=["GET", "POST"])
    def support_ticket_close(self, ticket_id=None, stage_id=None, **_kw):
        """Close an own ticket; only the form (POST with its token) changes anything."""
        tickets = request.env["helpdesk.ticket"]
        ticket = tickets.search([("id", "=", parse_id(ticket_id))])
        if not ticket or not ticket._is_customer(request.env.user):
            raise request.not_found()
        if request.httprequest.method == "POST" and not ticket.closed:
            stage = self._find_close_stage(ticket, parse_id(stage_id))
            if stage:
                ticket._close_from_portal(stage)
        return request.redirect(f"/my/ticket/{ticket.id}", code=302)

    def _find_close_stage(self, ticket, stage_id):
        """The stage with that id if customers may close this ticket with it, else none."""
        domain = Domain("id", "=", stage_id) & Domain("close_from_portal", "=", True)
        domain &= Domain("company_id", "in", [False, ticket.company_id.id])
        domain &= Domain("team_ids", "=", False) | Domain(
            "team_ids", "in", ticket.team_id.ids
        )
        return request.env["helpdesk.ticket.stage"].search(domain)

    # --- opening ---

    def _get_max_content_length(self):
        """Let somewhat more through than a file may have, so that the form can say which file is too large."""
        return OVERSIZE_FACTOR * self._get_max_file_size()

    @http.route(methods=["GET", "POST"], max_content_length=_get_max_content_length)
    def submit_ticket(self, **kw):
        """Open a ticket, or show the form again with what is wrong and what was typed."""
        if request.httprequest.method != "POST":
            return request.redirect("/new/ticket")
        typed = self._get_typed(kw)
        if ticket := self._find_sent(typed["key"]):
            return request.redirect(f"/my/ticket/{ticket.id}")
        problems = self._get_ticket_problems(typed)
        if not problems:
            try:
                with request.env.cr.savepoint():
                    return super().submit_ticket(**{**kw, **typed})
            except UniqueViolation:
                return request.redirect("/my/tickets")  # sent twice at the same moment
            except UserError as error:
                problems = [str(error)]
        values = self._get_create_new_ticket_values(**typed)
        values["problems"] = problems + self._get_file_reminder()
        return request.render("helpdesk_mgmt.portal_create_ticket", values)

    def _get_create_new_ticket_values(self, **kw):
        typed = self._get_typed(kw)
        return {
            **super()._get_create_new_ticket_values(**kw),
            **get_people(request.env.company),
            "typed": dict(typed, key=typed["key"] or str(uuid.uuid4())),
            "kinds": request.env["crm.relationship.ticket.kind"].search([]),
            "products": self._get_products(),
            "problems": [],
            "page_name": "new_ticket",
        }

    def _prepare_submit_ticket_vals(self, **kw):
        return dict(
            super()._prepare_submit_ticket_vals(**kw),
            kind_id=parse_id(kw.get("kind")) or False,
            product_id=parse_id(kw.get("product")) or False,
            portal_key=kw.get("key") or False,
        )

    def _get_typed(self, kw):
        """The entries of the form as clean text."""
        texts = {
            name: kw[name] if isinstance(kw.get(name), str) else "" for name in ENTRIES
        }
        clean = {name: text.replace("\0", "").strip() for name, text in texts.items()}
        return dict(clean, key=clean["key"][:MAX_KEY_LENGTH])

    def _find_sent(self, key):
        """The ticket that this very form opened already; none for a form without a key."""
        # sudo: the key is for nobody to read
        tickets = request.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        partner = request.env.user.partner_id
        domain = [("partner_id", "=", partner.id), ("portal_key", "=", key)]
        return key and tickets.search(domain, limit=1)

    def _get_products(self):
        tickets = request.env["helpdesk.ticket"]
        return tickets._get_portal_products(
            request.env.user.partner_id, request.env.company
        )

    def _get_max_file_size(self):
        # sudo: a setting that the form shows anyway
        settings = request.env["ir.config_parameter"].sudo()
        return int(
            settings.get_param("web.max_file_upload_size", DEFAULT_MAX_CONTENT_LENGTH)
        )

    def _get_ticket_problems(self, typed):
        """What keeps the form from becoming a ticket, as sentences for the customer."""
        problems = []
        if not typed["subject"]:
            problems.append(
                request.env._("Please say in a few words what it is about.")
            )
        if not typed["description"]:
            problems.append(
                request.env._("Please describe what you need or what happened.")
            )
        return problems + self._get_choice_problems(typed) + self._get_file_problems()

    def _get_choice_problems(self, typed):
        env = request.env
        shown = [("active", "=", True), ("show_in_portal", "=", True)]
        problems = []
        category = self._find_choice(
            "helpdesk.ticket.category", typed["category"], shown
        )
        team = self._find_choice("helpdesk.ticket.team", typed["team"], shown)
        if typed["category"] and not category:
            problems.append(
                env._("The category is not available: please choose one of the list.")
            )
        if typed["team"] and not team:
            problems.append(
                env._("The team is not available: please choose one of the list.")
            )
        problems += self._get_subject_problems(typed)
        company = category.company_id or env.company
        if team.company_id and team.company_id != company:
            problems.append(
                env._(
                    "The team does not work on that category: please choose another of the two."
                )
            )
        return problems + self._get_missing_choices(typed)

    def _get_subject_problems(self, typed):
        """What is wrong with kind and product."""
        env = request.env
        problems = []
        kind = self._find_choice("crm.relationship.ticket.kind", typed["kind"], [])
        if typed["kind"] and not kind:
            problems.append(
                env._(
                    "This is nothing that a ticket can be: please choose one of the list."
                )
            )
        if typed["product"] and parse_id(typed["product"]) not in self._get_products():
            problems.append(
                env._("The product is not available: please choose one of the list.")
            )
        return problems

    def _find_choice(self, model, text, domain):
        return request.env[model].search([("id", "=", parse_id(text)), *domain])

    def _get_missing_choices(self, typed):
        env = request.env
        problems = []
        needs_category = env.company.sudo().helpdesk_mgmt_portal_category_id_required
        if needs_category and not typed["category"] and self._get_categories():
            problems.append(env._("Please choose a category."))
        needs_team = env.company.sudo().helpdesk_mgmt_portal_team_id_required
        if needs_team and not typed["team"] and self._get_teams():
            problems.append(env._("Please choose a team."))
        return problems

    def _get_files(self):
        return [
            item
            for item in request.httprequest.files.getlist("attachment")
            if item.filename
        ]

    def _get_file_problems(self):
        limit = self._get_max_file_size()
        problems = []
        for item in self._get_files():
            size = item.stream.seek(0, 2)
            item.stream.seek(0)
            if size > limit:
                problems.append(
                    request.env._(
                        "The file “%(name)s” has %(size)s, a file may have %(limit)s: please make it smaller"
                        " or send it in parts.",
                        name=item.filename,
                        size=human_size(size),
                        limit=human_size(limit),
                    )
                )
        return problems

    def _get_file_reminder(self):
        if not self._get_files():
            return []
        return [
            request.env._(
                "Please choose your files again: the browser does not keep them."
            )
        ]
