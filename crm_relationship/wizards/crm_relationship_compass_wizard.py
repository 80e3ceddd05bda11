from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmRelationshipCompassWizard(models.TransientModel):
    """The compass of one company over some months: what winning takes and brings against keeping, on one page."""

    _name = "crm.relationship.compass.wizard"
    _description = "Old and New Customers at a Glance"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - relativedelta(months=12)
        ),
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: (
            fields.Date.context_today(self).replace(day=1) - relativedelta(days=1)
        ),
        help="Whole months count: that of the first day to that of the last day.",
    )
    summary = fields.Html(compute="_compute_summary", sanitize=False)

    @api.depends("company_id")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = self.env._("Old and New Customers")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_from > wizard.date_to:
                raise ValidationError(
                    self.env._(
                        "The period from %(date_from)s to %(date_to)s ends before it begins. Choose a later last"
                        " day.",
                        date_from=wizard.date_from,
                        date_to=wizard.date_to,
                    )
                )

    @api.depends("company_id", "date_from", "date_to")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard._render_summary()

    def _render_summary(self):
        """The page's table and sentences; empty while the dates are not usable."""
        if not (self.company_id and self.date_from and self.date_to):
            return False
        if self.date_from > self.date_to:
            return False
        summary = self.env["crm.relationship.compass"]._get_compass_summary(
            self.company_id, self.date_from, self.date_to
        )
        return self.env["ir.qweb"]._render(
            "crm_relationship.compass_summary",
            {"summary": summary, "currency": self.company_id.currency_id},
        )

    def action_view_months(self):
        """Open the months of the period as a chart."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "crm_relationship.crm_relationship_compass_action"
        )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date", ">=", self.date_from.replace(day=1)),
            ("date", "<=", self.date_to),
        ]
        return dict(action, domain=domain, context={})
