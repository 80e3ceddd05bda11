"""The customer's own relationship in the portal."""

from odoo import http
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

MAX_ID = 2**31 - 1


def parse_id(value):
    """The record id that a visitor sent, 0 where it cannot be one.

    >>> parse_id("12"), parse_id("12; --"), parse_id("²"), parse_id(None), parse_id("9" * 30)
    (12, 0, 0, 0, 0)
    """
    text = str(value or "")
    if not (text.isascii() and text.isdecimal()) or len(text) > len(str(MAX_ID)):
        return 0
    return int(text) if int(text) <= MAX_ID else 0


def get_people(company):
    """Who the user's company finds a person with at that company of ours: dict(people, our_company)."""
    # sudo: people and company are promised to him; the domain holds his own company only
    relationships = request.env["crm.relationship"].sudo().with_company(company)
    own = relationships._get_own().filtered(lambda item: item.company_id == company)
    return {
        "people": own[:1]._prepare_portal_contacts(),
        "our_company": company.sudo(),
    }


class RelationshipPortal(CustomerPortal):
    """One page says who looks after the customer, what holds for him, and what is going on."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "relationship_count" in counters:
            values["relationship_count"] = len(
                request.env["crm.relationship"]._get_own()
            )
        return values

    @http.route(
        "/my/relationship", type="http", auth="user", website=True, sitemap=False
    )
    def portal_my_relationships(self, **_kw):
        """The customer's file; with several companies of ours, a list of them."""
        own = request.env["crm.relationship"]._get_own()
        if len(own) < 2:
            return self._render_relationship(own or own._new_own())
        values = self._prepare_portal_layout_values()
        values.update(page_name="relationship", entries=own._prepare_portal_entries())
        return request.render("crm_relationship.portal_my_relationships", values)

    @http.route(
        "/my/relationship/<int:relationship_id>",
        type="http",
        auth="user",
        website=True,
        sitemap=False,
    )
    def portal_my_relationship(self, relationship_id, **_kw):
        """One file. Another customer's looks like one that does not exist."""
        own = request.env["crm.relationship"]._get_own()
        relationship = own.filtered(lambda item: item.id == relationship_id)
        if not relationship:
            raise request.not_found()
        return self._render_relationship(relationship, is_listed=len(own) > 1)

    def _render_relationship(self, relationship, is_listed=False):
        values = self._prepare_portal_layout_values()
        values.update(relationship._prepare_portal_values())
        values.update(page_name="relationship", is_listed=is_listed)
        return request.render("crm_relationship.portal_my_relationship", values)
