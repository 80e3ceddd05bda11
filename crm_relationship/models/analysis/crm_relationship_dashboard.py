from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

MANAGER = "crm_relationship.group_relationship_manager"
RISK_PROBABILITY = 0.5
MONTHS = 12


class CrmRelationship(models.Model):
    """The customer base at a glance: what the dashboard shows."""

    _inherit = "crm.relationship"

    @api.model
    @api.readonly
    def get_customer_base(self):
        """Tiles and charts over the customers of the current company that the user may see.

        :return: dict of ``currency_id``, ``tiles`` (key, value or False for none, count, model and domain of the list
            behind it), ``segments`` (id, name, customer_count, revenue, contribution, domain) and ``months`` (date,
            revenue, contribution). Contribution and months are for managers: False and empty for others.
        """
        if not self.has_access("read"):
            raise AccessError(
                self.env._(
                    "The customer base is for those who look after customers: ask an administrator for the role."
                )
            )
        is_manager = self.env.user.has_group(MANAGER)
        segments = self._prepare_base_segments(is_manager)
        return {
            "currency_id": self.env.company.currency_id.id,
            "is_manager": is_manager,
            "tiles": [
                *self._prepare_base_totals(segments, is_manager),
                *self._prepare_base_counts(),
                self._prepare_base_suggestions(),
            ],
            "segments": segments,
            "months": self._prepare_base_months() if is_manager else [],
        }

    @api.model
    def _get_base_domains(self):
        """key of a tile -> which customers it counts.

        Retention is about those whose first purchase is more than a year ago and who bought within two years:
        ``kept`` of them bought in the last twelve months.
        """
        today = fields.Date.context_today(self)
        year_ago, two_years_ago = (today - relativedelta(years=n) for n in (1, 2))
        known = [
            ("first_order_date", "<", year_ago),
            ("last_order_date", ">=", two_years_ago),
        ]
        return {
            "at_risk": [
                ("alive_probability", ">", 0),  # 0 would also find those without
                ("alive_probability", "<", RISK_PROBABILITY),
            ],
            "estimated": [("alive_probability", ">", 0)],
            "overdue": [("is_overdue", "=", True)],
            "known": known,
            "kept": [*known, ("last_order_date", ">=", year_ago)],
            "lost": [*known, ("last_order_date", "<", year_ago)],
        }

    @api.model
    def _prepare_base_segments(self, is_manager):
        aggregates = ["__count", "revenue_12m_amount:sum"]
        if is_manager:
            aggregates.append("contribution_12m_amount:sum")
        groups = self._read_group(
            [("company_id", "=", self.env.company.id)], ["segment_id"], aggregates
        )
        return [
            {
                "id": segment.id,
                "name": segment.display_name or self.env._("None"),
                "customer_count": count,
                "revenue": revenue or 0.0,
                "contribution": (contribution[0] or 0.0) if contribution else False,
                "domain": [("segment_id", "=", segment.id)],
            }
            for segment, count, revenue, *contribution in groups
        ]

    @api.model
    def _prepare_base_totals(self, segments, is_manager):
        count = sum(segment["customer_count"] for segment in segments)

        def tile(key, value, domain):
            return self._prepare_base_tile(key, value, count, domain)

        revenue = sum(segment["revenue"] for segment in segments)
        tiles = [
            tile("customers", count, []),
            tile("revenue", revenue, [("revenue_12m_amount", "!=", 0)]),
        ]
        if is_manager:
            contribution = sum(segment["contribution"] for segment in segments)
            domain = [("has_contribution", "=", True)]
            tiles.append(tile("contribution", contribution, domain))
        return tiles

    @api.model
    def _prepare_base_counts(self):
        domains = self._get_base_domains()
        own = [("company_id", "=", self.env.company.id)]
        counts = {
            key: self.search_count(own + domain) for key, domain in domains.items()
        }
        values = {
            "at_risk": counts["at_risk"] if counts["estimated"] else False,
            "overdue": counts["overdue"],
        }
        tiles = [
            self._prepare_base_tile(key, value, counts[key], domains[key])
            for key, value in values.items()
        ]
        known = counts["known"]
        retention = counts["kept"] / known if known else False
        return [
            *tiles,
            self._prepare_base_tile(
                "retention", retention, counts["lost"], domains["lost"]
            ),
        ]

    @api.model
    def _prepare_base_suggestions(self):
        """The share of accepted among the suggestions that were answered within a year."""
        since = fields.Date.context_today(self) - relativedelta(years=1)
        domain = [("outcome_date", ">=", since)]
        counts = dict(
            self.env["crm.relationship.suggestion"]._read_group(
                [*domain, ("company_id", "=", self.env.company.id)],
                ["state"],
                ["__count"],
            )
        )
        accepted = counts.get("accepted", 0)
        answered = accepted + counts.get("refused", 0)
        return self._prepare_base_tile(
            "suggestions",
            accepted / answered if answered else False,
            answered,
            [*domain, ("state", "in", ["accepted", "refused"])],
            "crm.relationship.suggestion",
        )

    @api.model
    def _prepare_base_tile(self, key, value, count, domain, model="crm.relationship"):
        company = ("company_id", "=", self.env.company.id)
        return {
            "key": key,
            "value": value,
            "count": count,
            "model": model,
            "domain": [company, *domain],
        }

    @api.model
    def _prepare_base_months(self):
        """Revenue and contribution of the last twelve closed months."""
        start = fields.Date.context_today(self).replace(day=1) - relativedelta(
            months=MONTHS
        )
        groups = self.env["crm.relationship.snapshot"]._read_group(
            [("company_id", "=", self.env.company.id), ("date", ">=", start)],
            ["date:month"],
            ["revenue_amount:sum", "contribution_amount:sum"],
        )
        return [
            {
                "date": fields.Date.to_string(month),
                "revenue": revenue or 0.0,
                "contribution": contribution or 0.0,
                "domain": [
                    ("company_id", "=", self.env.company.id),
                    ("date", ">=", fields.Date.to_string(month)),
                    (
                        "date",
                        "<=",
                        fields.Date.to_string(fields.Date.end_of(month, "month")),
                    ),
                ],
            }
            for month, revenue, contribution in groups
        ]
