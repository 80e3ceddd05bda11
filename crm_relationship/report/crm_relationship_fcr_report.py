from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..analytics import fcr
from ..queries import fcr as fcr_query
from ..queries.verdict import MERGED_BY

# Fields by which the Pareto chart can be told and filtered -> the same of the ticket.
GROUPINGS = {
    "cause_id": None,
    "team_id": "team_id",
    "category_id": "category_id",
    "product_id": "product_id",
    "kind_id": "kind_id",
    "primary_type_id": "relationship_type_id",
    "segment_id": "relationship_segment_id",
}
MAX_MONTHS = 1200


class CrmRelationshipFcrReport(models.Model):
    """A cause why the first contact did not solve a ticket. A ticket has a row for each of its causes.

    Read only: found in what happened to the ticket, and in what its agent says.
    """

    _name = "crm.relationship.fcr.report"
    _description = "Causes of Second Contacts"
    _order = "date desc, id desc"
    _rec_name = "ticket_id"
    _auto = False

    ticket_id = fields.Many2one(
        "helpdesk.ticket", readonly=True, aggregator="count_distinct"
    )
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Datetime(
        string="Decided",
        readonly=True,
        help="When it was clear that the first contact did not solve it.",
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    category_id = fields.Many2one("helpdesk.ticket.category", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    kind_id = fields.Many2one("crm.relationship.ticket.kind", readonly=True)
    channel_id = fields.Many2one("helpdesk.ticket.channel", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    segment_id = fields.Many2one("crm.relationship.segment", readonly=True)
    primary_type_id = fields.Many2one(
        "crm.relationship.type", string="Relationship Type", readonly=True
    )
    cause_id = fields.Many2one("crm.relationship.fcr.cause", readonly=True)
    source = fields.Selection(
        [("found", "Found in what happened"), ("told", "Named by the agent")],
        readonly=True,
    )
    count = fields.Integer(
        string="Causes",
        readonly=True,
        aggregator="sum",
        help="A ticket with two causes counts twice here, and once in “Ticket”.",
    )

    _depends = {
        "helpdesk.ticket": [
            *MERGED_BY,
            "team_id",
            "category_id",
            "product_id",
            "kind_id",
            "channel_id",
            "user_id",
            "relationship_id",
            "fcr_state",
            "fcr_decided_at",
            "fcr_causes",
            "fcr_cause_id",
        ],
        "crm.relationship": ["segment_id", "primary_type_id"],
        "crm.relationship.fcr.cause": ["code"],
    }

    @property
    def _table_query(self):
        return fcr_query.report()

    def action_open_ticket(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }

    # --- Pareto ---

    @api.model
    @api.readonly
    def get_pareto(self, groupby="cause_id", filters=None, months=0):
        """What keeps tickets of the current company from being solved at first contact, the most frequent first.

        :param groupby: one of ``GROUPINGS``: what a bar is.
        :param filters: grouping -> id: only these.
        :param months: only what was decided in so many months until now; 0 for all.
        :return: dict of ``bars`` (id, name, count, ratio, cumulative_ratio, domain of helpdesk.ticket), ``vital_count``
            (the bars that make up 80 %), ``ticket_count``, ``states`` (fcr_state -> number of tickets), ``rule``
            (the definition in words), ``options`` (grouping -> [id, name]).
        """
        filters = {name: key for name, key in (filters or {}).items() if key}
        self._check_groupings({groupby, *filters})
        since = self._get_since(months)
        domain = self._get_pareto_domain(filters, since)
        rows = self._read_group(domain, [groupby], ["ticket_id:count_distinct"])
        found = fcr.pareto([count for _group, count in rows])
        [(ticket_count,)] = self._read_group(domain, [], ["ticket_id:count_distinct"])
        return {
            "bars": self._prepare_bars(groupby, domain, rows, found),
            "vital_count": found.vital_count,
            "ticket_count": ticket_count,
            "states": self._count_states(filters, since),
            "rule": self.env.company.sudo()._get_fcr_rule_text(),
            "options": self._get_filter_options(),
        }

    @api.model
    def _check_groupings(self, names):
        unknown = sorted(names - set(GROUPINGS))
        if unknown:
            raise UserError(
                self.env._(
                    "Causes cannot be told by “%(name)s”. They can be told by: %(names)s.",
                    name=", ".join(unknown),
                    names=", ".join(GROUPINGS),
                )
            )

    @api.model
    def _get_since(self, months):
        if not isinstance(months, int) or not 0 <= months <= MAX_MONTHS:
            raise UserError(
                self.env._(
                    "“%(months)s” is no number of months. Enter 0 (for all) to %(max)s.",
                    months=months,
                    max=MAX_MONTHS,
                )
            )
        now = fields.Datetime.now()
        return months and fields.Datetime.to_string(now - relativedelta(months=months))

    @api.model
    def _get_pareto_domain(self, filters, since):
        domain = [("company_id", "=", self.env.company.id)]
        domain += [(name, "=", key) for name, key in filters.items()]
        return domain + ([("date", ">=", since)] if since else [])

    @api.model
    def _prepare_bars(self, groupby, domain, rows, found):
        total = sum(count for _group, count in rows)
        bars = []
        for place, ratio in zip(found.order, found.cumulative_ratios, strict=True):
            group, count = rows[place]
            own = [*domain, (groupby, "=", group.id)]
            bars.append(
                {
                    "id": group.id,
                    # sudo: only its name
                    "name": group.sudo().display_name or self.env._("None"),
                    "count": count,
                    "ratio": count / total,
                    "cumulative_ratio": ratio,
                    "domain": [("fcr_report_ids", "any", own)],
                }
            )
        return bars

    @api.model
    def _count_states(self, filters, since):
        """fcr_state -> number of tickets; of the undecided ones all, as they have no date yet."""
        tickets = self.env["helpdesk.ticket"]
        domain = Domain("company_id", "=", self.env.company.id)
        domain &= Domain("is_merged", "=", False)
        for name, key in filters.items():
            if field := GROUPINGS[name]:
                domain &= Domain(field, "=", key)
        if since:
            domain &= Domain("fcr_state", "=", fcr.PENDING) | Domain(
                "fcr_decided_at", ">=", since
            )
        return dict(
            tickets._read_group(
                domain & Domain("fcr_state", "!=", False), ["fcr_state"], ["__count"]
            )
        )

    @api.model
    def _get_filter_options(self):
        """grouping -> [(id, name)] of what the chart can be filtered by, in the order of names."""
        domain = [("company_id", "=", self.env.company.id)]
        options = {}
        for name in GROUPINGS:
            rows = self._read_group(domain, [name])
            found = [
                (group.id, group.sudo().display_name) for (group,) in rows if group
            ]
            options[name] = sorted(found, key=lambda option: option[1])
        return options
