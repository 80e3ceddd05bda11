from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What companies start with is stated in euros. These currencies are worth about as much: it holds in them as it is.
EURO_LIKE = ("CHF", "EUR", "GBP", "USD")
# Amounts of the company -> what they usually are.
START_AMOUNTS = {
    "relationship_hour_amount": 45.0,
    "relationship_return_amount": 25.0,
}


class ResCompany(models.Model):
    """What the company reckons with when it asks what serving a customer costs."""

    _inherit = "res.company"

    relationship_hour_amount = fields.Monetary(
        string="Standard Cost per Hour",
        default=START_AMOUNTS["relationship_hour_amount"],
        help="Values the handling of tickets, and interactions on a channel without a cost rate (marked estimated).",
    )
    relationship_ticket_minutes = fields.Float(
        string="Standard Minutes per Ticket",
        default=20.0,
        help="Work on a ticket beside its messages, where nobody entered the minutes worked (marked estimated).",
    )
    relationship_return_amount = fields.Monetary(
        string="Cost per Credit Note",
        default=START_AMOUNTS["relationship_return_amount"],
        help="What handling a credit note or return costs, beside the revenue that it takes back.",
    )
    relationship_late_payment_ratio = fields.Float(
        string="Yearly Rate of Late Payment",
        default=0.09,
        digits=(16, 4),
        help="What money that customers pay late costs the company per year.",
    )
    relationship_winning_target_ratio = fields.Float(
        string="Target Share of Winning",
        default=0.30,
        digits=(16, 4),
        help="Share of the effort that should go into winning customers; the rest keeps those you have.",
    )

    @api.constrains(
        "relationship_hour_amount",
        "relationship_ticket_minutes",
        "relationship_return_amount",
        "relationship_late_payment_ratio",
        "relationship_winning_target_ratio",
    )
    def _check_relationship_costs(self):
        for company in self:
            for name, highest in (
                ("relationship_hour_amount", None),
                ("relationship_ticket_minutes", None),
                ("relationship_return_amount", None),
                ("relationship_late_payment_ratio", 1),
                ("relationship_winning_target_ratio", 1),
            ):
                company._check_relationship_cost(name, highest)

    def _check_relationship_cost(self, name, highest):
        """Refuse a value below 0, or a ratio above 100 %."""
        value = self[name]
        label = self._fields[name]._description_string(self.env)
        if value < 0:
            raise ValidationError(
                self.env._(
                    "%(company)s, %(field)s: %(value)s is negative. Enter 0 or more.",
                    company=self.name,
                    field=label,
                    value=value,
                )
            )
        if highest and value > highest:
            raise ValidationError(
                self.env._(
                    "%(company)s, %(field)s: %(value)g %% is too much. Enter 0 to 100 %%.",
                    company=self.name,
                    field=label,
                    value=round(value * 100, 2),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        missing = [
            [name for name in START_AMOUNTS if name not in vals] for vals in vals_list
        ]
        companies = super().create(vals_list)
        for company, names in zip(companies, missing, strict=True):
            company._set_start_amounts(names)
        self.env["crm.relationship.cost.rate"]._create_missing(companies)
        return companies

    def _set_start_amounts(self, names=tuple(START_AMOUNTS)):
        """Usual amounts in the currency of each company, 0 where nobody knows what they are in it."""
        for company in self:
            for name in names:
                company[name] = company._convert_start_amount(START_AMOUNTS[name]) or 0

    def _convert_start_amount(self, euros):
        """A usual amount in the currency of the company, to two digits where it is converted; None where the database
        has no exchange rate: a number that may be wrong a hundred times over is worse than none."""
        self.ensure_one()
        currency = self.currency_id
        if currency.name in EURO_LIKE:
            return euros
        # sudo: of the currency rates, whoever may create the company
        currencies = self.env["res.currency"].sudo().with_context(active_test=False)
        euro = currencies.search([("name", "=", "EUR")], limit=1)
        rates = (euro + currency.sudo()).rate_ids
        if not euro or not rates.filtered(
            lambda rate: rate.company_id in (self.env["res.company"], self.root_id)
        ):
            return None
        today = fields.Date.today()
        found = euro._convert(euros, currency, self, today, round=False)
        return currency.round(float(f"{found:.2g}"))
