from odoo import api, fields, models

from ..promise import Promises
from ..queries import workload
from ..queries.verdict import MERGED_BY


class CrmRelationshipWorkload(models.Model):
    """What one colleague has to do for customers now: the open tickets, what is late, and what is left of promises.

    Read only, never copied: computed whenever it is looked at. One row per company and colleague who is in one of its
    teams or owns open tickets of it, and one for the open tickets that nobody owns.
    """

    _name = "crm.relationship.workload"
    _description = "Load of a Colleague"
    _auto = False
    _order = "late_count desc, open_count desc, id"
    _rec_name = "user_id"

    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    open_count = fields.Integer(string="Open", readonly=True)
    late_count = fields.Integer(string="Late", readonly=True)
    today_count = fields.Integer(
        string="Due Today", readonly=True, help="Until midnight of your time zone."
    )
    ahead_count = fields.Integer(
        string="Due Later",
        readonly=True,
        help="Open tickets that are neither late nor due today, those that wait for the customer included.",
    )
    next_deadline = fields.Datetime(
        readonly=True, help="The earliest promise that is not yet broken."
    )
    promised_hours = fields.Float(
        string="Hours Left",
        compute="_compute_promised_hours",
        help="Working hours from now to the next deadline, added up over the open tickets that are not late.",
    )
    absent_until = fields.Datetime(string="Away Until", readonly=True)

    _depends = {
        "crm.relationship.absence": ["user_id", "date_from", "date_to"],
        "helpdesk.ticket": [
            "active",
            *MERGED_BY,
            "next_deadline",
            "stage_id",
            "user_id",
        ],
        "helpdesk.ticket.stage": ["closed"],
        "helpdesk.ticket.team": ["company_id", "user_ids", "active"],
        "res.partner": ["tz"],
        "res.users": ["active", "company_id", "partner_id"],
        "resource.calendar.leaves": [
            "date_from",
            "date_to",
            "resource_id",
            "time_type",
        ],
        "resource.resource": ["user_id"],
    }

    @property
    def _table_query(self):
        now = fields.Datetime.now()
        local = fields.Datetime.context_timestamp(self, now)
        midnight = local.replace(hour=23, minute=59, second=59, microsecond=0)
        return workload.workloads(now, now + (midnight - local))

    @api.depends("user_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.sudo().user_id.name or self.env._("Nobody")

    @api.depends("user_id", "company_id")
    def _compute_promised_hours(self):
        """One query, and the working time of each calendar once."""
        now = fields.Datetime.now()
        promises = Promises(self.env, [now])
        hours = {}
        rows = workload.fetch_deadlines(self.env, self.user_id.ids, now)
        for company_id, user_id, calendar_id, deadline, count in rows:
            calendar = self.env["resource.calendar"].sudo().browse(calendar_id)
            key = (company_id, user_id)
            worked = promises.get_clock(calendar).get_hours(now, deadline)
            hours[key] = hours.get(key, 0.0) + worked * count
        for row in self:
            row.promised_hours = hours.get(
                (row.company_id.id, row.user_id.id or None), 0
            )

    def action_view_tickets(self):
        """Open the tickets of this colleague, or those that nobody owns."""
        self.ensure_one()
        action = self.user_id._action_view_open_tickets()
        action["domain"] += [("company_id", "=", self.company_id.id)]
        return action
