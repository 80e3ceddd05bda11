import json

import numpy as np

from odoo import api, models

from ...analytics import health, rfm
from ...queries import completeness, figures, intervals, profitability
from ...queries import health as health_queries

# So many customers' components are held as objects at a time.
CHUNK = 20_000
HEALTH_DIGITS = 1
# Decimal places of what is stored, so that a second refresh finds the same.
PROBABILITY_DIGITS, ORDER_DIGITS = 6, 3
# Who is as good as gone still has an estimate: a stored 0 would look like none.
SMALLEST_PROBABILITY = 10**-PROBABILITY_DIGITS


class CrmRelationship(models.Model):
    """How the refresh comes to its figures: each concern measures set-based, then whole vectors are scored."""

    _inherit = "crm.relationship"

    @api.model
    def _compute_figures(self, company, values, partner_ids, facts):
        """Leave the figures of every customer in the target in the tables that the writer reads."""
        queries = self._get_measure_queries(company, values, partner_ids, facts)
        figures.fill_measures(self.env, values, queries)
        measures = figures.fetch_measures(
            self.env, values.today, self._get_health_measures()
        )
        scores = {
            "partner_id": measures["partner_id"].astype(int),
            **self._score_rfm(company, values, partner_ids, measures),
            **self._score_value(company, values, partner_ids, measures, facts),
            **self._score_health(company, measures),
        }
        figures.store_scores(self.env, scores)

    @api.model
    def _get_measure_queries(self, company, values, partner_ids, facts):
        """name -> SELECT of ``partner_id`` and figures, at most one row per customer. An addon adds its own with
        super.

        :param facts: :class:`queries.facts.Facts`, read once for all.
        """
        place = (self.env, company.id, values.today, values.window_start, partner_ids)
        return {
            "interval": intervals.intervals(*place, facts.transactions),
            "profitability": profitability.profitability(*place, facts),
            "health": health_queries.health_measures(*place, facts),
            "completeness": completeness.completeness_ratio(*place),
        }

    @api.model
    def _score_rfm(self, company, values, partner_ids, measures):
        """The quintiles of the whole company, also where only some customers are refreshed."""
        columns = ("recency_days", "order_count", "revenue")
        population = [measures[name] for name in columns]
        count = len(population[0])
        if partner_ids is not None:
            others = figures.fetch_others(self.env, company.id, values.today)
            population = [
                np.concatenate([own, others[name]])
                for own, name in zip(population, columns, strict=True)
            ]
        scores = rfm.rfm_scores(*population)
        return {
            "rfm_recency_score": scores.recency[:count].tolist(),
            "rfm_frequency_score": scores.frequency[:count].tolist(),
            "rfm_monetary_score": scores.monetary[:count].tolist(),
        }

    @api.model
    def _score_value(self, company, values, partner_ids, measures, facts):
        """Whether he is still there, what he will buy and what he is worth; nothing where there is no estimate."""
        bought = np.isfinite(measures["age_days"])
        history = [
            measures[name][bought]
            for name in ("repeat_day_count", "history_days", "age_days")
        ]
        amounts = np.nan_to_num(measures["repeat_amount_mean"][bought])
        fits = self.env["crm.relationship.clv.fit"]
        if partner_ids is None and fits._is_due(company, values.today):
            ratio = intervals.fetch_margin_ratio(
                self.env, company.id, values.today, facts.transactions
            )
            fits._fit(company, *history, amounts, values.today, ratio)
        found = fits._get_current(company)._score(*history, amounts)
        places = company.currency_id.decimal_places
        digits = {
            "alive_probability": PROBABILITY_DIGITS,
            "expected_orders_90d": ORDER_DIGITS,
            "clv_amount": places,
        }
        values = {name: found and getattr(found, name) for name in digits}
        if found:
            values["alive_probability"] = np.maximum(
                found.alive_probability, SMALLEST_PROBABILITY
            )
        return {
            name: _spread(bought, values[name], places)
            for name, places in digits.items()
        }

    @api.model
    def _get_health_measures(self):
        """Names of the columns that hold what the health is made of; the overdue ratio comes from the rhythm."""
        return [
            "overdue_ratio" if measure == "overdue" else measure
            for measure in health.MEASURES
        ]

    @api.model
    def _score_health(self, company, measures):
        weights = self.env["crm.relationship.health.weight"]._get_weights(company)
        scores, components = [], []
        for start in range(0, len(measures["partner_id"]), CHUNK):
            raw = {
                measure: measures[column][start : start + CHUNK]
                for measure, column in zip(
                    health.MEASURES, self._get_health_measures(), strict=True
                )
            }
            found, parts = health.health_values(raw, weights)
            scores += [
                None if item is None else round(item, HEALTH_DIGITS) for item in found
            ]
            components += [json.dumps(item) if item else None for item in parts]
        return {"health_score": scores, "health_components": components}


def _spread(present, numbers, places):
    """The numbers at the places that are present, rounded; None elsewhere, and everywhere without numbers."""
    result = np.full(len(present), None, dtype=object)
    if numbers is not None:
        result[present] = np.round(numbers, places).tolist()
    return result
