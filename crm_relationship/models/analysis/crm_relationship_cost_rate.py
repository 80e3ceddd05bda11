from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What serving usually costs per hour and per touch (travel, postage, line) in Central Europe in euros, for a start:
# code of the channel -> (hour, touch). Companies enter their own.
DEFAULT_RATES = {
    "visit": (65.0, 40.0),
    "meeting": (65.0, 5.0),
    "video": (55.0, 0.5),
    "phone": (50.0, 0.5),
    "letter": (45.0, 2.0),
    "email": (45.0, 0.1),
    "chat": (45.0, 0.1),
    "portal": (0.0, 0.05),
}
# Before any document: the history is valued as well.
FIRST_DAY = "2000-01-01"


class CrmRelationshipCostRate(models.Model):
    """What an hour of our time and one touch cost on a channel, from a day on until the next rate of the channel.

    Managers write it; a company starts with usual rates, converted into its currency, or with none where the database
    knows no exchange rate. Rates are never deleted by the program: they value
    the past as well.
    """

    _name = "crm.relationship.cost.rate"
    _description = "Cost Rate of a Channel"
    _order = "company_id, channel_id, date_from desc, id"
    _rec_name = "channel_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    channel_id = fields.Many2one(
        "crm.relationship.channel", required=True, ondelete="restrict", index=True
    )
    date_from = fields.Date(
        string="Valid from",
        required=True,
        default=fields.Date.context_today,
        help="First day on which this rate counts; it ends when the next rate of the channel begins.",
    )
    hour_amount = fields.Monetary(
        string="Cost per Hour",
        required=True,
        aggregator="avg",
        help="What an hour of our people's time costs on this channel.",
    )
    touch_amount = fields.Monetary(
        string="Cost per Touch",
        aggregator="avg",
        help="What each contact costs beside the time: travel, postage, line.",
    )

    _company_channel_date_unique = models.Constraint(
        "UNIQUE (company_id, channel_id, date_from)",
        "The channel already has a cost rate from this day on: change that one, or choose another day.",
    )
    _amounts_positive = models.Constraint(
        "CHECK (hour_amount >= 0 AND touch_amount >= 0)",
        "A cost rate cannot be negative. Enter 0 for what costs nothing.",
    )

    @api.depends("channel_id.name", "date_from")
    def _compute_display_name(self):
        for rate in self:
            rate.display_name = self.env._(
                "%(channel)s from %(date)s",
                channel=rate.channel_id.name,
                date=rate.date_from,
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_values(vals)
        return super().create(vals_list)

    def write(self, vals):
        for rate in self:
            rate._check_values(vals)
        return super().write(vals)

    def _check_values(self, vals):
        """Refuse negative amounts and a second rate of the same day before the database does, by their names."""
        values = {**self._prepare_current_values(), **vals}
        for name in ("hour_amount", "touch_amount"):
            if (values.get(name) or 0) < 0:
                raise ValidationError(
                    self.env._(
                        "%(field)s: %(amount)s is negative. Enter 0 for what costs nothing.",
                        field=self._fields[name]._description_string(self.env),
                        amount=values[name],
                    )
                )
        twin = self._find_twin(values)
        if twin:
            raise ValidationError(
                self.env._(
                    "%(company)s already has a cost rate of the channel %(channel)s from %(date)s on. Change that"
                    " one, or choose another day.",
                    company=twin.company_id.name,
                    channel=twin.channel_id.name,
                    date=twin.date_from,
                )
            )

    def _prepare_current_values(self):
        """The values that a change starts from; those of a new rate without a record."""
        if self:
            return {
                "company_id": self.company_id.id,
                "channel_id": self.channel_id.id,
                "date_from": self.date_from,
            }
        return self.default_get(["company_id", "date_from"])

    def _find_twin(self, values):
        """Another rate of the same company, channel and day."""
        names = ("company_id", "channel_id", "date_from")
        if not all(values.get(name) for name in names):
            return self.browse()
        domain = [(name, "=", values[name]) for name in names]
        return self.sudo().search([*domain, ("id", "not in", self.ids)], limit=1)

    @api.model
    def _create_missing(self, companies=None):
        """Give companies without any rate the usual ones. Runs at install, at update, and for new companies."""
        known = [item.id for (item,) in self.sudo()._read_group([], ["company_id"])]
        domain = [("id", "not in", known)]
        if companies is not None:
            domain.append(("id", "in", companies.ids))
        everywhere = self.env["res.company"].sudo().with_context(active_test=False)
        channels = (
            self.env["crm.relationship.channel"]
            .sudo()
            .search([("code", "in", list(DEFAULT_RATES))])
        )
        self.sudo().create(
            [
                self._prepare_default_values(company, channel)
                for company in everywhere.search(domain)
                if company._convert_start_amount(1) is not None
                for channel in channels
            ]
        )

    @api.model
    def _prepare_default_values(self, company, channel):
        hour_amount, touch_amount = DEFAULT_RATES[channel.code]
        return {
            "company_id": company.id,
            "channel_id": channel.id,
            "date_from": FIRST_DAY,
            "hour_amount": company._convert_start_amount(hour_amount),
            "touch_amount": company._convert_start_amount(touch_amount),
        }
