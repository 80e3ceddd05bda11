from odoo import api, fields, models


class CrmRelationshipAuditLine(models.Model):
    """What the tickets of a segment, of a type, or all tickets got in the period of an audit.

    Written by ``crm.relationship.audit._run``. Hours are working hours, as they stand on the tickets: to the first
    response those of the tickets that were answered, to the resolution those that the resolved tickets waited for us,
    without the time in which they waited for the customer. A ratio of nothing is 0 beside a count of 0.
    """

    _name = "crm.relationship.audit.line"
    _inherit = "crm.relationship.audit.row"
    _log_access = False
    _description = "Fairness Audit: Service by Segment and Type"
    _order = "date desc, audit_id desc, scope, id"
    _rec_name = "name"

    date = fields.Date(
        string="Period", readonly=True, help="First day of the audited period."
    )
    scope = fields.Selection(
        [("all", "All tickets"), ("segment", "Segment"), ("type", "Type")],
        required=True,
        readonly=True,
        string="Grouped By",
    )
    name = fields.Char(
        string="Customers", readonly=True, help="The name at the time of the audit."
    )
    segment_id = fields.Many2one(
        "crm.relationship.segment", readonly=True, ondelete="restrict"
    )
    type_id = fields.Many2one(
        "crm.relationship.type", readonly=True, ondelete="restrict"
    )
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    answered_count = fields.Integer(string="Answered", readonly=True)
    resolved_count = fields.Integer(string="Resolved", readonly=True)
    first_response_median_hours = fields.Float(
        string="First Response, Median",
        readonly=True,
        aggregator="avg",
        help="Half of the answered tickets got our first answer within so many working hours.",
    )
    first_response_p90_hours = fields.Float(
        string="First Response, 90 %",
        readonly=True,
        aggregator="avg",
        help="Nine of ten answered tickets got our first answer within so many working hours.",
    )
    resolution_median_hours = fields.Float(
        string="Resolution, Median",
        readonly=True,
        aggregator="avg",
        help="Half of the resolved tickets waited for us no more than so many working hours in all.",
    )
    resolution_p90_hours = fields.Float(
        string="Resolution, 90 %",
        readonly=True,
        aggregator="avg",
        help="Nine of ten resolved tickets waited for us no more than so many working hours in all.",
    )
    sla_decided_count = fields.Integer(
        string="Promises Decided",
        readonly=True,
        help="Tickets of which we know whether their own promise was kept: resolved, or late already.",
    )
    sla_kept_ratio = fields.Float(
        string="Promise Kept",
        readonly=True,
        aggregator="avg",
        help="Part of the decided tickets with first response and resolution as their own policy promised.",
    )
    fcr_decided_count = fields.Integer(string="First Contact Decided", readonly=True)
    fcr_ratio = fields.Float(
        string="First Contact Resolution",
        readonly=True,
        aggregator="avg",
        help="Part of the decided tickets that the first contact resolved.",
    )
    complaint_count = fields.Integer(string="Complaints", readonly=True)
    complaint_answered_count = fields.Integer(
        string="Complaints Answered",
        readonly=True,
        help="Closed with a remedy, or answered within their own promise.",
    )
    complaint_answered_ratio = fields.Float(
        string="Complaints Answered, Part", readonly=True, aggregator="avg"
    )
    breach_count = fields.Integer(string="Floor Broken", readonly=True)
    entitlement_used_count = fields.Integer(string="Services Used", readonly=True)
    entitlement_refused_count = fields.Integer(string="Services Refused", readonly=True)
    invitation_count = fields.Integer(
        string="Asked for Feedback",
        readonly=True,
        help="How often these customers were asked for their opinion in the period.",
    )
    invitation_answered_count = fields.Integer(
        string="Feedback Given", readonly=True, help="Of these, how often they gave it."
    )

    @api.depends("name", "date")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.name or ''} {line.date or ''}".strip()

    def action_view_breaches(self):
        """Open the broken promises behind this line."""
        self.ensure_one()
        self.check_access("read")
        action = self.audit_id.action_view_breaches()
        if self.scope != "all":
            name = f"{self.scope}_id"
            action["domain"].append((name, "=", self[name].id))
        return action
