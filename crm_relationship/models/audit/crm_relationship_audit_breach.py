from odoo import api, fields, models


class CrmRelationshipAuditBreach(models.Model):
    """A promise of the floor that was broken: on which ticket, by how much, why.

    The floor is what every customer is promised, whatever the own policy says. Written by
    ``crm.relationship.audit._run``; numbers and names are those of that moment.
    """

    _name = "crm.relationship.audit.breach"
    _inherit = "crm.relationship.audit.row"
    _log_access = False
    _description = "Fairness Audit: Broken Promise"
    _order = "audit_id desc, late_hours desc, id"
    _rec_name = "ticket_number"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, ondelete="cascade", index=True
    )
    ticket_number = fields.Char(string="Number", readonly=True)
    ticket_name = fields.Char(string="Title", readonly=True)
    customer_name = fields.Char(string="Customer", readonly=True)
    partner_id = fields.Many2one(
        related="ticket_id.commercial_partner_id", string="Contact"
    )
    segment_id = fields.Many2one(
        "crm.relationship.segment", readonly=True, ondelete="restrict"
    )
    type_id = fields.Many2one(
        "crm.relationship.type", readonly=True, ondelete="restrict"
    )
    segment_name = fields.Char(string="Segment Then", readonly=True)
    promise = fields.Selection(
        [("first_response", "First response"), ("resolution", "Resolution")],
        required=True,
        readonly=True,
    )
    promised_hours = fields.Float(
        string="Promised",
        readonly=True,
        aggregator=None,
        help="Working hours that the floor promises for this kind of ticket.",
    )
    deadline = fields.Datetime(readonly=True)
    actual_at = fields.Datetime(
        string="Done", readonly=True, help="Empty where it never was, or is not yet."
    )
    actual_hours = fields.Float(
        string="Took",
        readonly=True,
        aggregator="avg",
        help="Working hours by the calendar of the floor, up to the audit if it is not done yet.",
    )
    late_hours = fields.Float(string="Hours Late", readonly=True, aggregator="avg")
    reason = fields.Selection(
        [
            ("no_owner", "No owner in time"),
            ("unanswered", "Closed without an answer"),
            ("escalated", "Escalated, but still not done"),
            ("handed_over", "Handed over"),
            ("still_open", "Still open"),
            ("waited", "Waited for us"),
        ],
        required=True,
        readonly=True,
    )
    is_open = fields.Boolean(string="Still Open", readonly=True)

    @api.depends("ticket_number", "promise")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["promise"]._description_selection(self.env))
        for breach in self:
            breach.display_name = (
                f"{breach.ticket_number or ''}: {labels.get(breach.promise, '')}"
            )

    def action_open_ticket(self):
        """Open the ticket."""
        self.check_access("read")
        return self._open_tickets(self.sudo().ticket_id, self.env._("Ticket"))
