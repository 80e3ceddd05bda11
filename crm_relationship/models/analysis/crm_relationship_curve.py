import numpy as np

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...analytics import curve
from ...queries import curve as curve_query

MANAGER = "crm_relationship.group_relationship_manager"
GROUPINGS = (
    "segment_id",
    "primary_type_id",
    "partner_id.industry_id",
    "partner_id.user_id",
    "manager_id",
)


class CrmRelationship(models.Model):
    """Which customers earn and which destroy value: the whale curve."""

    _inherit = "crm.relationship"

    has_contribution = fields.Boolean(
        string="Contribution Known",
        compute="_compute_has_contribution",
        search="_search_has_contribution",
        groups=MANAGER,
        help="The refresh has found what this customer brings; nothing found is not the same as 0.",
    )

    def _compute_has_contribution(self):
        domain = Domain("id", "in", self.ids) & Domain("has_contribution", "=", True)
        known = self.with_context(active_test=False).search(domain)
        for relationship in self:
            relationship.has_contribution = relationship in known

    def _search_has_contribution(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(model, alias, query):
            amount = model._field_to_sql(alias, "contribution_12m_amount", query)
            return SQL("(%s IS NOT NULL) IN %s", amount, tuple(map(bool, value)))

        return Domain.custom(to_sql=to_sql)

    @api.model
    @api.readonly
    def get_whale_curve(self, groupby=None, domain=None):
        """The whale curve of the current company's customers, for the web client.

        :param groupby: one of ``GROUPINGS``: also tell gain and loss per group.
        :param domain: only these relationships; None for all.
        :return: dict of ``currency_id, customer_count, missing_count, points, total, peak, peak_share,
            peak_share_reason, earning_count, costing_count, destroyed, groups``. A point is [customers so far, what
            they bring together, highest and lowest contribution since the point before].
        """
        self._check_curve_access(groupby)
        company = self.env.company
        everybody = Domain(domain or []) & Domain("company_id", "=", company.id)
        rows = curve_query.contributions(self, self._search(everybody), groupby)
        known = [row for row in rows if row[0] is not None]
        amounts = np.array([amount for amount, _group in known])
        groups = []
        if groupby and known:
            keys = [group for _amount, group in known]
            groups = curve.group_results(amounts, keys)
        return {
            "currency_id": company.currency_id.id,
            "missing_count": len(rows) - len(known),
            **self._prepare_curve_values(curve.whale_curve(amounts)),
            "groups": self._prepare_curve_groups(groupby, groups),
        }

    @api.model
    def _check_curve_access(self, groupby):
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._(
                    "What customers earn and cost is for managers of customer relationships: ask one to show you the"
                    " whale curve, or an administrator for the role."
                )
            )
        if groupby and groupby not in GROUPINGS:
            raise UserError(
                self.env._(
                    "The whale curve cannot be told by “%(name)s”. It can be told by: %(names)s.",
                    name=groupby,
                    names=", ".join(GROUPINGS),
                )
            )

    @api.model
    def _prepare_curve_values(self, found):
        """What the client draws of a :class:`curve.WhaleCurve`."""
        share = found.peak_share
        is_known = not isinstance(share, curve.NoShare)
        return {
            "customer_count": int(found.amounts.size),
            "points": self._prepare_curve_points(found),
            "total": found.total,
            "peak": found.peak,
            "peak_share": share if is_known else False,
            "peak_share_reason": False if is_known else share.value,
            "earning_count": found.earning_count,
            "costing_count": found.costing_count,
            "destroyed": found.destroyed,
        }

    @api.model
    def _prepare_curve_points(self, found):
        positions = curve.sample_positions(found)
        starts = np.concatenate([[0], positions[:-1] + 1]) if positions.size else []
        columns = (
            positions + 1,
            found.cumulative[positions],
            found.amounts[starts] if positions.size else [],
            found.amounts[positions],
        )
        return [
            [int(count), float(sum_), float(high), float(low)]
            for count, sum_, high, low in zip(*columns, strict=True)
        ]

    @api.model
    def _prepare_curve_groups(self, groupby, groups):
        if not groups:
            return []
        path = groupby.split(".")
        model = self.env["res.partner"] if len(path) > 1 else self
        records = self.env[model._fields[path[-1]].comodel_name].browse(
            [group.key for group in groups if group.key]
        )
        # sudo: only the names, and of users and industries who may have left or sit in another company
        names = {item.id: item.display_name for item in records.sudo()}
        return [
            {
                "id": group.key,
                "name": names.get(group.key) or self.env._("None"),
                "domain": [(groupby, "=", group.key or False)],
                "customer_count": group.customer_count,
                "earning_count": group.earning_count,
                "costing_count": group.costing_count,
                "gain": group.gain,
                "loss": group.loss,
                "total": group.total,
            }
            for group in groups
        ]
