from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmRelationshipAbsence(models.Model):
    """Days on which a colleague is away: new tickets go to the deputy, or to somebody else of the team.

    Entered by each for oneself, by helpdesk managers for everybody. Leaves that another addon keeps for a user's
    resource count beside them and are not copied.
    """

    _name = "crm.relationship.absence"
    _description = "Absence"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    date_from = fields.Date(
        string="First Day", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Last Day",
        required=True,
        default=fields.Date.context_today,
        index=True,
    )
    note = fields.Char()
    open_ticket_count = fields.Integer(
        string="Open Tickets",
        compute="_compute_open_ticket_count",
        help="What others may have to take over meanwhile.",
    )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for absence in self:
            if absence.date_to < absence.date_from:
                raise ValidationError(
                    self.env._(
                        "%(user)s cannot be away until %(until)s, before the first day %(since)s. Enter a last day"
                        " on or after the first.",
                        user=absence.user_id.name,
                        until=absence.date_to,
                        since=absence.date_from,
                    )
                )

    @api.depends("user_id")
    def _compute_open_ticket_count(self):
        counts = dict(
            self.env["helpdesk.ticket"]
            .sudo()
            ._read_group(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("stage_id.closed", "=", False),
                    ("is_merged", "=", False),
                ],
                ["user_id"],
                ["__count"],
            )
        )
        for absence in self:
            absence.open_ticket_count = counts.get(absence.user_id, 0)

    def action_view_tickets(self):
        """Open the tickets that wait for the colleague, to be handed over."""
        self.ensure_one()
        return self.user_id._action_view_open_tickets()
