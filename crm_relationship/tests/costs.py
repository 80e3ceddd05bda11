"""What the tests of cost, profitability and months share: documents that cost, and a naive reference."""

from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields

from ..queries.costs import COST_COLUMNS
from ..queries.interactions import INTERACTION_COLUMNS
from .transactions import TODAY, TransactionCase


class CostCase(TransactionCase):
    """Two companies of two currencies with standards of their own, and customers who cost something."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Other", currency_id=cls.gold.id)[
            "company"
        ]
        cls.companies = cls.company + cls.other
        cls.env.user.company_ids += cls.other
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=cls.companies.ids)
        )
        cls.set_standards(cls.company, 60, 15, 20, 0.10)
        cls.set_standards(cls.other, 36, 10, 7.5, 0.05)
        cls.channels = cls.by_code("channel")
        cls.env["crm.relationship.cost.rate"].sudo().search([]).unlink()

    @classmethod
    def set_standards(cls, company, hour, minutes, note, late):
        company.sudo().write(
            {
                "relationship_hour_amount": hour,
                "relationship_ticket_minutes": minutes,
                "relationship_return_amount": note,
                "relationship_late_payment_ratio": late,
            }
        )

    # --- documents ---

    def rate(self, channel, day, hour, touch=0.0, company=None):
        return self.env["crm.relationship.cost.rate"].create(
            {
                "company_id": (company or self.company).id,
                "channel_id": self.channels[channel].id,
                "date_from": day,
                "hour_amount": hour,
                "touch_amount": touch,
            }
        )

    def ticket(self, partner=None, day=TODAY, minutes=0.0, company=None, **values):
        """A ticket that came on that day."""
        ticket = (
            self.env["helpdesk.ticket"]
            .sudo()
            .create(
                {
                    "name": "Help",
                    "description": "Help",
                    "partner_id": (partner or self.partner_a).id,
                    "company_id": (company or self.company).id,
                    "handling_minutes": minutes,
                    **values,
                }
            )
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = %s WHERE id = %s",
            [f"{day} 10:00:00", ticket.id],
        )
        ticket.invalidate_recordset(["create_date"])
        return ticket

    def bill(self, amount, day, due, partner=None, company=None, **values):
        """A posted invoice of that amount, due on that day."""
        company = company or self.company
        line = self.line(price=amount, is_order=False)
        line[2].pop("product_id")
        line[2]["name"] = "Work"
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": (partner or self.partner_a).id,
                    "company_id": company.id,
                    "invoice_date": day,
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [line],
                    **values,
                }
            )
        )
        move.action_post()
        return move

    def pay(self, move, day, amount=None):
        """A payment of an invoice on that day, in full or in part."""
        wizard = (
            self.env["account.payment.register"]
            .with_company(move.company_id)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"payment_date": day})
        )
        if amount:
            wizard.amount = amount
        wizard._create_payments()

    def make_random_costs(self, dice):
        """Rates, tickets, invoices paid late, in parts or not at all, and credit notes, in both companies."""
        for company in self.companies:
            self.make_random_rates(dice, company)
            for _number in range(6):
                self.make_random_cost(dice, company)

    def make_random_rates(self, dice, company):
        self.env["crm.relationship.cost.rate"].search(
            [("company_id", "=", company.id)]
        ).unlink()
        for channel in ("email", "portal", "phone"):
            for day in ("2025-06-01", "2025-12-15"):
                if dice.random() < 0.6:
                    hour, touch = dice.randint(0, 90), dice.choice([0, 0.5, 3])
                    self.rate(channel, day, hour, touch, company)

    def make_random_cost(self, dice, company):
        partner = dice.choice([self.partner_a, self.contact, self.partner_b])
        day = TODAY - timedelta(days=dice.randrange(500))
        values = {"partner": partner, "company": company}
        ticket = self.ticket(day=day, minutes=dice.choice([0, 0, 30, 7.5]), **values)
        for _message in range(dice.randrange(3)):
            ticket.message_post(
                body="And?",
                author_id=partner.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        move = self.bill(
            dice.randint(50, 999),
            day,
            day + timedelta(days=dice.choice([0, 14, 30])),
            currency_id=dice.choice([company.currency_id, self.gold]).id,
            **values,
        )
        fate = dice.choice(["open", "paid", "parts", "credit"])
        later = min(TODAY, day + timedelta(days=dice.randrange(120)))
        if fate == "parts":
            self.pay(move, later, round(move.amount_total / 3, 2))
        if fate in ("paid", "parts"):
            self.pay(move, min(TODAY, later + timedelta(days=dice.randrange(60))))
        if fate == "credit":
            self.refund(move, day=later)

    def make_random_sales(self, dice):
        """Goods with discounts and credit notes: invoiced in one company, ordered in the other."""
        self.set_basis("ordered", self.other)
        for _number in range(8):
            partner = dice.choice([self.partner_a, self.contact, self.partner_b])
            day = TODAY - timedelta(days=dice.randrange(500))
            line = self.line(
                price=dice.choice([10, 99.99, 500]),
                quantity=dice.randint(1, 5),
                discount=dice.choice([0, 0, 10, 33.3]),
                is_order=False,
            )
            self.invoice(
                line,
                partner=partner,
                day=day,
                move_type=dice.choice(["out_invoice", "out_invoice", "out_refund"]),
                currency_id=dice.choice([self.company.currency_id, self.gold]).id,
            )
            prices = [dice.choice([10, 33.33, 500]) for _line in range(2)]
            self.make_order(partner, f"{day} 09:00:00", *prices, company=self.other)

    # --- the facts and a naive reference ---

    def costs(self, part=None, company=None):
        """The rows of the contract as dicts, of one company."""
        _names, rows = self.fetch(self.env["crm.relationship.source"]._get_cost_query())
        rows = [dict(zip(COST_COLUMNS, row, strict=True)) for row in rows]
        own = (company or self.company).id
        return [
            row
            for row in rows
            if row["company_id"] == own
            and (not part or row["part"] == part)
            and row["partner_id"]
            in (self.partner_a + self.partner_b).commercial_partner_id.ids
        ]

    def by_month(self, rows):
        """(partner id, month) -> amount, minutes."""
        sums = defaultdict(lambda: [0.0, 0.0])
        for row in rows:
            key = row["partner_id"], row["date"].strftime("%Y-%m")
            sums[key][0] += row["amount"]
            sums[key][1] += row["minutes"]
        return {
            key: tuple(round(value, 6) for value in values)
            for key, values in sums.items()
        }

    def expected_costs(self, company):
        """Rows of all parts, said as plainly as possible."""
        return [
            *self.expected_interactions(company),
            *self.expected_tickets(company),
            *self.expected_returns(company),
            *self.expected_late_payments(company),
        ]

    def expected_interactions(self, company):
        _names, rows = self.fetch(
            self.env["crm.relationship.source"]._get_interaction_query()
        )
        for values in rows:
            row = dict(zip(INTERACTION_COLUMNS, values, strict=True))
            partner = self.env["res.partner"].browse(row["partner_id"])
            if row["company_id"] != company.id or partner not in (
                self.partner_a + self.partner_b
            ):
                continue
            rate = self.env["crm.relationship.cost.rate"].search(
                [
                    ("company_id", "=", company.id),
                    ("channel_id.code", "=", row["channel"]),
                    ("date_from", "<=", row["date"].date()),
                ],
                order="date_from desc",
                limit=1,
            )
            hour = rate.hour_amount if rate else company.relationship_hour_amount
            minutes = row["minutes"]
            if row["document_model"] == "helpdesk.ticket":
                ticket = self.env["helpdesk.ticket"].sudo().browse(row["document_id"])
                minutes = 0 if ticket.handling_minutes else minutes
            yield {
                **row,
                "part": "interaction",
                "minutes": minutes,
                "amount": minutes / 60 * hour + rate.touch_amount,
                "is_estimated": not rate,
            }

    def expected_tickets(self, company):
        for ticket in (
            self.env["helpdesk.ticket"].sudo().search([("company_id", "=", company.id)])
        ):
            minutes = ticket.handling_minutes or company.relationship_ticket_minutes
            yield {
                "part": "ticket",
                "partner_id": ticket.partner_id.commercial_partner_id.id,
                "date": ticket.create_date,
                "minutes": minutes,
                "amount": minutes / 60 * company.relationship_hour_amount,
                "is_estimated": not ticket.handling_minutes,
            }

    def expected_returns(self, company):
        for move in self.env["account.move"].search(
            [
                ("company_id", "=", company.id),
                ("move_type", "=", "out_refund"),
                ("state", "=", "posted"),
            ]
        ):
            yield {
                "part": "return",
                "partner_id": move.partner_id.commercial_partner_id.id,
                "date": fields.Datetime.to_datetime(move.invoice_date),
                "minutes": 0,
                "amount": company.relationship_return_amount,
                "is_estimated": False,
            }

    def expected_late_payments(self, company, today=TODAY):
        """Day by day: what is open on a day after the due date costs a day's interest."""
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", company.id),
                ("move_id.move_type", "in", ("out_invoice", "out_receipt")),
                ("parent_state", "=", "posted"),
                ("account_type", "=", "asset_receivable"),
            ]
        )
        for line in lines:
            day = line.date_maturity + relativedelta(days=1)
            while day <= today:
                open_amount = line.amount_residual + sum(
                    partial.amount
                    for partial in line.matched_credit_ids
                    if partial.max_date >= day
                )
                if open_amount:
                    yield {
                        "part": "late_payment",
                        "partner_id": line.partner_id.commercial_partner_id.id,
                        "date": fields.Datetime.to_datetime(day),
                        "minutes": 0,
                        "amount": open_amount
                        * company.relationship_late_payment_ratio
                        / 365,
                        "is_estimated": False,
                    }
                day += relativedelta(days=1)
