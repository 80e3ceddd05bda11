from odoo import api, fields, models

from ...analytics import audit as analysis


class CrmRelationshipAudit(models.Model):
    """What an audit says, in sentences that say no more than its numbers carry."""

    _inherit = "crm.relationship.audit"

    summary = fields.Text(compute="_compute_summary")

    @api.depends("state", "run_at")
    @api.depends_context("lang")
    def _compute_summary(self):
        for audit in self:
            audit.summary = (
                "\n".join(audit._get_sentences()) if audit.state != "draft" else False
            )

    def _get_sentences(self):
        """The result in words, the most important first."""
        self.ensure_one()
        if not self.ticket_count:
            return [
                self.env._(
                    "No ticket was opened in this period: there is nothing to prove."
                ),
                *self._get_service_sentences(),
            ]
        return [
            self._get_breach_sentence(),
            *self._get_undecided_sentences(),
            self._get_first_response_sentence(),
            self._get_resolution_sentence(),
            *self._get_service_sentences(),
        ]

    def _get_breach_sentence(self):
        if not self.breach_count:
            return self.env._(
                "The floor was kept on all %(tickets)s tickets as far as they are due.",
                tickets=self.ticket_count,
            )
        numbers = {
            "tickets": self.ticket_count,
            "below": self.breach_ticket_count,
            "count": self.breach_count,
        }
        if not self.open_breach_count:
            return self.env._(
                "%(below)s of %(tickets)s tickets got less than the floor promises to everybody (broken promises:"
                " %(count)s); none of them is open any more.",
                **numbers,
            )
        return self.env._(
            "%(below)s of %(tickets)s tickets got less than the floor promises to everybody (broken promises:"
            " %(count)s, still to be kept: %(open)s).",
            open=self.open_breach_count,
            **numbers,
        )

    def _get_undecided_sentences(self):
        if not self.undecided_count:
            return []
        return [
            self.env._(
                "Not due yet when this was measured, and open: %(count)s tickets. What became of their promises is not"
                " in it.",
                count=self.undecided_count,
            )
        ]

    # --- small against key ---

    def _get_shift(self, measure):
        """The stored difference as the comparison gave it."""
        counts = (self[f"{measure}_small_count"], self[f"{measure}_key_count"])
        if min(counts) < analysis.TICKETS_NEEDED:
            return analysis.Shift(*counts)
        hours = (
            self[f"{measure}_{name}_hours"] for name in ("difference", "low", "high")
        )
        return analysis.Shift(*counts, *hours)

    def _get_numbers(self, shift):
        """The numbers of a sentence: how many tickets, and between which hours, the smaller first."""
        bounds = sorted(abs(hours or 0.0) for hours in (shift.low, shift.high))
        return {
            "small": shift.count,
            "key": shift.other_count,
            "needed": analysis.TICKETS_NEEDED,
            "low": self._format_hours(bounds[0]),
            "high": self._format_hours(bounds[1]),
            "least": self._format_hours(shift.low or 0.0),
            "most": self._format_hours(shift.high or 0.0),
        }

    @api.model
    def _format_hours(self, hours):
        return f"{hours:.1f}" if abs(hours) >= 0.1 or not hours else f"{hours:.2f}"

    def _get_first_response_sentence(self):
        shift = self._get_shift("first_response")
        numbers = self._get_numbers(shift)
        if shift.verdict == "few":
            return self.env._(
                "First response: not enough tickets to compare small customers (%(small)s answered) with key accounts"
                " (%(key)s); %(needed)s of each are needed.",
                **numbers,
            )
        if shift.verdict == "none":
            return self.env._(
                "First response, of answered tickets (%(small)s of small customers, %(key)s of key accounts): no"
                " difference between small customers and key accounts can be shown; with 95 %% confidence it lies"
                " between %(least)s and %(most)s working hours.",
                **numbers,
            )
        if shift.verdict == "longer":
            return self.env._(
                "First response, of answered tickets (%(small)s of small customers, %(key)s of key accounts): small"
                " customers wait between %(low)s and %(high)s working hours longer than key accounts (95 %%"
                " confidence).",
                **numbers,
            )
        return self.env._(
            "First response, of answered tickets (%(small)s of small customers, %(key)s of key accounts): small"
            " customers wait between %(low)s and %(high)s working hours less than key accounts (95 %% confidence).",
            **numbers,
        )

    def _get_resolution_sentence(self):
        shift = self._get_shift("resolution")
        numbers = self._get_numbers(shift)
        if shift.verdict == "few":
            return self.env._(
                "Resolution: not enough tickets to compare small customers (%(small)s resolved) with key accounts"
                " (%(key)s); %(needed)s of each are needed.",
                **numbers,
            )
        if shift.verdict == "none":
            return self.env._(
                "Resolution, of resolved tickets (%(small)s of small customers, %(key)s of key accounts): no"
                " difference between small customers and key accounts can be shown; with 95 %% confidence it lies"
                " between %(least)s and %(most)s working hours.",
                **numbers,
            )
        if shift.verdict == "longer":
            return self.env._(
                "Resolution, of resolved tickets (%(small)s of small customers, %(key)s of key accounts): small"
                " customers wait between %(low)s and %(high)s working hours longer than key accounts (95 %%"
                " confidence).",
                **numbers,
            )
        return self.env._(
            "Resolution, of resolved tickets (%(small)s of small customers, %(key)s of key accounts): small customers"
            " wait between %(low)s and %(high)s working hours less than key accounts (95 %% confidence).",
            **numbers,
        )

    # --- services ---

    def _get_service_sentences(self):
        sentences = []
        if self.key_only_count:
            sentences.append(
                self.env._(
                    "Services that went to key accounts only, though no rule says so: %(count)s.",
                    count=self.key_only_count,
                )
            )
        if self.revenue_only_count:
            sentences.append(
                self.env._(
                    "Entitlements that differ from the floor for no ground but revenue: %(count)s of %(all)s.",
                    count=self.revenue_only_count,
                    all=self.differing_count,
                )
            )
        return sentences
