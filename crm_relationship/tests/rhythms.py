from collections import defaultdict
from datetime import date, timedelta

from odoo import Command

from .suggestions import SuggestionCase

TODAY = date(2026, 3, 16)
# Quantity and price of a line that is a purchase: sold, given away, money for goods that were booked before.
PURCHASES = ((1, 10), (4, 2.5), (2, 0), (-1, -30))
# … and of one that is none: given back, nothing at all.
NONE = ((-1, 10), (0, 10))


class RhythmCase(SuggestionCase):
    """Customers who buy products on certain days, and the rows about them."""

    def setUp(self):
        super().setUp()
        self.firm = self.make_customers(1)

    def line(self, product, quantity=1, price=10):
        return Command.create(
            {
                "product_id": product.id,
                "product_uom_qty": quantity,
                "price_unit": price,
                "tax_ids": [Command.clear()],
            }
        )

    def sell(self, day, *lines, partner=None):
        partner = partner or self.firm
        return self.buy(partner, day, order_line=list(lines))

    def buy_on(self, *days, product=None):
        for day in days:
            self.sell(day, self.line(product or self.axe))

    def rhythms_of(self, partner=None, product=None):
        domain = [("partner_id", "=", (partner or self.firm).id)]
        if product:
            domain.append(("product_id", "=", product.id))
        return self.env["crm.relationship.rhythm"].search(domain)

    def make_regular_orders(self, dice, partners):
        """Three purchases of each product, about as far from each other; most are due again."""
        for partner in partners:
            for product in self.products[:5]:
                step = dice.randrange(5, 40)
                since = dice.randrange(step // 2, 3 * step + 10)
                for back in range(3):
                    days = since + step * back + dice.randrange(4)
                    line = self.line(product, *dice.choice(PURCHASES))
                    self.sell(TODAY - timedelta(days=days), line, partner=partner)

    def make_random_orders(self, dice, partners):
        """(partner, product) -> day -> quantity of what is a purchase; orders hold other lines too."""
        bought = defaultdict(lambda: defaultdict(float))
        for _number in range(70):
            partner, product = dice.choice(partners), dice.choice(self.products)
            day = TODAY - timedelta(
                days=dice.choice([0, 1, dice.randrange(90), dice.randrange(900)])
            )
            quantity, price = dice.choice(PURCHASES)
            self.sell(day, self.line(product, quantity, price), partner=partner)
            bought[partner, product][day] += max(quantity, 0)
        for partner in partners:
            self.sell(TODAY + timedelta(days=1), self.line(self.cap), partner=partner)
            for quantity, price in NONE:
                line = self.line(self.cap, quantity, price)
                self.sell("2026-03-01", line, partner=partner)
            self.sell(
                "2026-03-02", self.line(self.cap), partner=partner
            ).state = "draft"
        return bought
