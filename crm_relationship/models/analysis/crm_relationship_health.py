from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...analytics import health

# Contributions below half a point are not worth a sentence.
WORTH_TELLING = 0.5
# A margin that changed by less than this part in a year is steady, by more than that one clearly on its way.
LEVEL, STEEP = 0.05, 0.25


class CrmRelationship(models.Model):
    """Why the health of a relationship is what it is, in words."""

    _inherit = "crm.relationship"

    health_explanation = fields.Html(
        compute="_compute_health_explanation",
        string="Why the Health Moved",
        groups="base.group_user",
    )
    has_health = fields.Boolean(
        string="Health Measured",
        compute="_compute_has_health",
        search="_search_has_health",
        groups="base.group_user",
        help="Something is measured, so that there is a score; none is not the same as 0.",
    )

    @api.depends("health_components")
    def _compute_has_health(self):
        for relationship in self:
            relationship.has_health = bool(relationship._get_health_components())

    def _search_has_health(self, operator, value):
        if operator != "in":
            return NotImplemented

        def to_sql(model, alias, query):
            score = model._field_to_sql(alias, "health_score", query)
            return SQL("(%s IS NOT NULL) IN %s", score, tuple(map(bool, value)))

        return Domain.custom(to_sql=to_sql)

    def _get_health_components(self):
        """measure -> value, points and weight, for sentences that tell less of it."""
        self.ensure_one()
        # sudo: what is made of it tells no change of the margin in numbers
        return self.sudo().health_components or {}

    @api.depends("health_score", "health_components")
    @api.depends_context("lang")
    def _compute_health_explanation(self):
        closed = self._get_last_health()
        for relationship in self:
            relationship.health_explanation = relationship._tell_health(
                closed.get(relationship.id)
            )

    def _get_last_health(self):
        """relationship id -> (day, components) of the last closed month that had a score."""
        # sudo: the months' money is for managers; the health is for everybody who may read the relationship
        snapshots = (
            self.env["crm.relationship.snapshot"]
            .sudo()
            .search_fetch(
                [("relationship_id", "in", self.ids)],
                ["relationship_id", "date", "health_components"],
                order="date desc",
            )
        )
        found = {}
        for snapshot in snapshots:
            if snapshot.health_components:
                value = (snapshot.date, snapshot.health_components)
                found.setdefault(snapshot.relationship_id.id, value)
        return found

    def _tell_health(self, closed):
        """Sentences as a list: what moved since the closed month, or what the score consists of."""
        components = self._get_health_components()
        score = health.score_of(components)
        if score is None:
            return self._as_list(
                self.env._("There is no score yet: nothing is measured."), []
            )
        before = closed and health.score_of(closed[1])
        if not closed or before is None:
            sentences = [
                self._tell_component(measure, item)
                for measure, item in components.items()
            ]
            head = self.env._("The score is %(score)s of 100.", score=round(score))
            return self._as_list(head, sentences)
        contributions = health.explain(closed[1], components)
        sentences = [
            self._tell_contribution(item)
            for item in contributions
            if abs(item.points) >= WORTH_TELLING
        ]
        return self._as_list(self._tell_score(before, score, closed[0]), sentences)

    @api.model
    def _as_list(self, head, sentences):
        lines = Markup("").join(Markup("<li>%s</li>") % line for line in sentences)
        return Markup("<p>%s</p><ul>%s</ul>") % (head, lines)

    def _tell_score(self, before, score, day):
        numbers = {
            "before": round(before),
            "score": round(score),
            "day": format_date(self.env, day),
        }
        if numbers["before"] == numbers["score"]:
            return self.env._(
                "The score is %(score)s of 100, as on %(day)s.",
                score=numbers["score"],
                day=numbers["day"],
            )
        if score > before:
            return self.env._(
                "The score rose from %(before)s on %(day)s to %(score)s of 100.",
                **numbers,
            )
        return self.env._(
            "The score fell from %(before)s on %(day)s to %(score)s of 100.", **numbers
        )

    def _tell_component(self, measure, item):
        if measure in health.MARGIN_MEASURES:
            return self.env._(
                "%(measure)s: %(value)s.",
                measure=self._get_measure_label(measure),
                value=self._tell_value(measure, item["value"]),
            )
        return self.env._(
            "%(measure)s: %(value)s, which is %(points)s of 100 points.",
            measure=self._get_measure_label(measure),
            value=self._tell_value(measure, item["value"]),
            points=round(item["points"]),
        )

    def _tell_contribution(self, item):
        """One measure's part in the change, in the words of what happened to it."""
        numbers = {
            "measure": self._get_measure_label(item.measure),
            "points": self._tell_points(item),
            "before": self._tell_value(item.measure, item.before),
            "after": self._tell_value(item.measure, item.after),
        }
        if item.before is None:
            numbers.pop("before")
            return self.env._(
                "%(measure)s is measured now: %(after)s (%(points)s points).", **numbers
            )
        if item.after is None:
            numbers.pop("after")
            return self.env._(
                "%(measure)s is no longer measured; it was: %(before)s (%(points)s points).",
                **numbers,
            )
        if item.before == item.after:
            numbers.pop("before")
            return self.env._(
                "%(measure)s counts differently than before: %(after)s (%(points)s points).",
                **numbers,
            )
        if numbers["before"] == numbers["after"]:
            numbers.pop("before")
            return self.env._(
                "%(measure)s: still %(after)s (%(points)s points).", **numbers
            )
        return self.env._(
            "%(measure)s: %(after)s, before that %(before)s (%(points)s points).",
            **numbers,
        )

    @api.model
    def _tell_points(self, item):
        """Points with a sign; whole ones where tenths would tell by how much the margin changed."""
        decimals = 0 if item.measure in health.MARGIN_MEASURES else 1
        return f"{item.points:+.{decimals}f}"

    @api.model
    def _get_measure_label(self, measure):
        field = self.env["crm.relationship.health.weight"]._fields["measure"]
        return dict(field._description_selection(self.env)).get(measure, measure)

    @api.model
    def _tell_value(self, measure, value):
        """A value of a measure in plain words."""
        if value is None:
            return ""
        texts = {
            "overdue": lambda: self.env._(
                "%(value).1f times the usual interval", value=value
            ),
            "trend": lambda: self._tell_trend(value),
            "open_tickets": lambda: self.env._("%(value)d open", value=value),
            "late_tickets": lambda: self.env._("%(value)d late", value=value),
            "satisfaction": lambda: self.env._(
                "%(value).0f %% satisfied", value=value * 100
            ),
            "contacts": lambda: self.env._("%(value)d in a year", value=value),
            "payment": lambda: self.env._(
                "%(value).0f days late on average", value=value
            ),
        }
        return texts[measure]() if measure in texts else f"{value:g}"

    @api.model
    def _tell_trend(self, value):
        """Where the margin goes, without its size: who reads the health need not know what we earn."""
        words = (
            (-STEEP, self.env._("clearly falling")),
            (-LEVEL, self.env._("falling")),
            (LEVEL, self.env._("steady")),
            (STEEP, self.env._("rising")),
        )
        found = (word for bound, word in words if value < bound)
        return next(found, self.env._("clearly rising"))
