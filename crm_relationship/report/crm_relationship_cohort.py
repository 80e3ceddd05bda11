from odoo import api, fields, models
from odoo.tools import SQL, Query

from ..queries import cohorts
from .crm_relationship_transaction import CrmRelationshipTransaction


class CrmRelationshipCohort(models.Model):
    """How many customers of one cohort, segment and type bought in one quarter after their first.

    A cohort is those whose first purchase was in the same quarter. Read only, computed from the transactions
    whenever it is looked at; quarters without a purchase have a row too.
    """

    _name = "crm.relationship.cohort"
    _description = "Cohort Retention"
    _auto = False
    _order = "cohort_date desc, quarter_offset, id"
    _rec_name = "cohort_date"
    _depends = CrmRelationshipTransaction._depends

    company_id = fields.Many2one("res.company", readonly=True)
    cohort_date = fields.Date(
        string="Cohort",
        readonly=True,
        help="First day of the quarter in which these customers bought for the first time.",
    )
    quarter_offset = fields.Integer(
        string="Quarters Since",
        readonly=True,
        aggregator=None,
        help="Quarters after the first one, which is 0.",
    )
    segment_id = fields.Many2one("crm.relationship.segment", readonly=True)
    primary_type_id = fields.Many2one(
        "crm.relationship.type", string="Primary Type", readonly=True
    )
    customer_count = fields.Integer(
        string="Cohort Size",
        readonly=True,
        help="All customers of the cohort; over several quarters, once for each quarter.",
    )
    active_count = fields.Integer(
        string="Active Customers",
        readonly=True,
        help="Customers of the cohort who bought in that quarter.",
    )
    retention_ratio = fields.Float(
        string="Retention",
        readonly=True,
        aggregator="avg",
        help="Active customers out of all of the cohort.",
    )
    is_complete = fields.Boolean(
        string="Quarter is Over",
        readonly=True,
        help="The present quarter is not: more customers may buy in it.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT cohort.*, cohort.active_count::float8 / cohort.customer_count AS retention_ratio
              FROM (%s) cohort
            """,
            cohorts.retention(self.env, self.env.companies.ids, fields.Date.today()),
        )

    @api.model
    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """The retention of several cohorts is that of all their customers, not the mean of their ratios."""
        if aggregate_spec != "retention_ratio:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s)::float8 / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, "active_count", query),
            self._field_to_sql(self._table, "customer_count", query),
        )
