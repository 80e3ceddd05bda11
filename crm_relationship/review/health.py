"""The sheet of the account review that tells how healthy customers are, and why."""

from lxml.html import fromstring

from ..analytics.health import MARGIN_MEASURES
from .sheets import ReviewSheet
from .workbook import Column


class HealthSheet(ReviewSheet):
    """One row per customer and measure: what the health score is made of, and why it moved."""

    @property
    def title(self):
        return self.env._("Health")

    def get_columns(self):
        self.sees_margin = bool(
            self.describe("crm.relationship", ["margin_12m_amount"])
        )
        return [
            Column(self.env._("Health Score"), "number"),
            Column(self.env._("Measure"), width=30),
            Column(self.env._("Value"), width=30),
            Column(self.env._("Points"), "number"),
            Column(self.env._("Weight"), "number"),
            Column(self.env._("Why"), width=80),
        ]

    def get_rows(self, relationships):
        relationships.mapped("health_explanation")  # all in one go
        for relationship in relationships:
            components = relationship._get_health_components()
            why = self._get_why(relationship)
            for measure, item in components.items():
                yield (
                    relationship,
                    [
                        relationship.health_score,
                        relationship._get_measure_label(measure),
                        relationship._tell_value(measure, item["value"]),
                        self._get_points(measure, item),
                        item["weight"],
                        why,
                    ],
                )
                why = None  # told once a customer
            if not components:
                yield relationship, [None, None, None, None, None, why]

    def _get_points(self, measure, item):
        """None where points would tell a reader who may not see margins how they changed."""
        if measure in MARGIN_MEASURES and not self.sees_margin:
            return None
        return item["points"]

    def _get_why(self, relationship):
        """What the form tells about the health, as plain sentences."""
        told = fromstring(relationship.health_explanation or "<p/>")
        return " ".join(text.strip() for text in told.itertext() if text.strip())
