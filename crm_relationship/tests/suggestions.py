"""What the tests of suggestions share: customers and what they buy."""

from datetime import date

from odoo import Command

from .common import RelationshipCase

TODAY = date(2026, 3, 16)


class SuggestionCase(RelationshipCase):
    """A company that sells six products to customers, and what it suggests to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls.env["product.product"].create(
            [
                {"name": name, "type": "consu", "list_price": 10}
                for name in ("Axe", "Bow", "Cap", "Drum", "Egg", "Flag")
            ]
        )
        cls.axe, cls.bow, cls.cap, cls.drum, cls.egg, cls.flag = cls.products

    @classmethod
    def buy(cls, partner, day, *products, quantity=1.0, company=None, **values):
        """A confirmed order of that day."""
        company = company or cls.company
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "tax_ids": [Command.clear()],
                            }
                        )
                        for product in products
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = f"{day} 09:00:00"
        return order

    @classmethod
    def make_customers(cls, count, name="Firm"):
        partners = cls.env["res.partner"].create(
            [
                {"name": f"{name} {number:02}", "is_company": True}
                for number in range(count)
            ]
        )
        cls.env["crm.relationship"].create(
            [
                {"partner_id": partner.id, "company_id": cls.company.id}
                for partner in partners
            ]
        )
        return partners

    def suggest(self, partners=None, company=None):
        """Refresh the suggestions as the night does; what was written."""
        partner_ids = None if partners is None else partners.ids
        model = self.env["crm.relationship.suggestion"].sudo()
        return model._refresh_suggestions(company or self.company, partner_ids)

    def suggestions_of(self, partner, company=None, **values):
        relationship = self.relationship_of(partner, company)
        domain = [("relationship_id", "=", relationship.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["crm.relationship.suggestion"].search(domain)

    @classmethod
    def tell_a_story(cls):
        """Twelve firms: of the nine that buy axe and bow, eight buy the cap; three others buy something else."""
        cls.firms = cls.make_customers(20)
        for number, firm in enumerate(cls.firms):
            if number < 9:
                cls.buy(firm, "2026-01-10", cls.axe)
                cls.buy(firm, "2026-01-20", cls.bow)
            else:
                cls.buy(firm, "2026-01-10", cls.drum)
            if number < 8:
                cls.buy(firm, "2026-02-01", cls.cap)
        cls.lacking = cls.firms[8]
