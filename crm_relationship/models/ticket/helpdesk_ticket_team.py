from odoo import api, fields, models


class HelpdeskTicketTeam(models.Model):
    """A team has working hours of its own, or those of its company.

    ``helpdesk_mgmt_sla`` has the same field, and cannot open a ticket for a team that uses its policies without it.
    """

    _inherit = "helpdesk.ticket.team"

    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        check_company=True,
        help="Promises of this team's tickets run in these hours, unless the policy has its own.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Where another addon gives new teams hours, they are those of the team's company."""
        if self._fields["resource_calendar_id"].default:
            for vals in vals_list:
                company = self.env["res.company"].browse(vals.get("company_id") or ())
                if company and "resource_calendar_id" not in vals:
                    vals["resource_calendar_id"] = company.resource_calendar_id.id
        return super().create(vals_list)

    def write(self, vals):
        """Teams that are older than another addon that needs their hours, get them when they begin to use it."""
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            self.env["helpdesk.ticket"]._renew_promises(
                self.company_id
                or self.env["res.company"].sudo().search([("active", "=", True)]),
                [("team_id", "in", self.ids)],
            )
        if vals.get("use_sla"):
            for team in self.filtered(lambda item: not item.resource_calendar_id):
                company = team.company_id or self.env.company
                team.resource_calendar_id = company.resource_calendar_id
        return result
