import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from ..queries import refresh, tickets

_logger = logging.getLogger(__name__)


class CrmRelationship(models.Model):
    """The one writer of figures, segments and the primary type that a date brings."""

    _inherit = "crm.relationship"

    def action_refresh(self):
        """Compute the figures of these relationships now (button)."""
        self.check_access("write")
        self._refresh_own()

    @api.model
    def _refresh(self, company, partner_ids=None):
        """Bring the relationships of a company up to date: rows, figures, segment, primary type, open tickets,
        suggestions, and the months that have ended.

        Set-based and idempotent: a second run writes nothing. Cost is linear in the company's transactions.

        :param company: res.company, one.
        :param partner_ids: commercial partner ids to refresh; None for all. This is the partition by which the
            work can be spread.
        :return: (rows inserted, rows written).
        """
        self.env.flush_all()
        values = self._prepare_refresh_values(company)
        contract = self.env["crm.relationship.source"]._get_transaction_query()
        transactions = refresh.fill_facts(self.env, contract, values, partner_ids)
        refresh.fill_target(self.env, transactions, values, partner_ids)
        self._compute_figures(company, values, partner_ids, transactions)
        inserted = refresh.insert_missing(self.env, values)
        written, changed_ids = refresh.update_changed(self.env, values)
        if inserted or written:
            self.env["crm.relationship"].invalidate_model()
            self._invalidate_partners()
        self._advance_prospects(values)
        self._refresh_tickets(company, changed_ids)
        self.env["crm.relationship.suggestion"]._refresh_suggestions(
            company, partner_ids, transactions if partner_ids is None else None
        )
        if partner_ids is None:
            self.env["crm.relationship.snapshot"]._close_months(company, values.today)
        return inserted, written

    @api.model
    def _advance_prospects(self, values):
        """Who has ordered is no prospect any more; every other stage is left to people."""
        stages = self.env["crm.relationship.stage"].browse
        prospects = self.sudo().search(
            [
                ("company_id", "=", values.company_id),
                ("stage_id", "=", values.stage_ids["prospect"]),
                ("first_order_date", "!=", False),
            ]
        )
        new = prospects.filtered(lambda item: item.first_order_date >= values.new_since)
        for relationships, code in ((new, "onboarding"), (prospects - new, "active")):
            if relationships:
                relationships.stage_id = stages(values.stage_ids[code])

    @api.model
    def _refresh_tickets(self, company, changed_ids):
        """Link tickets that have no relationship yet, and renew the promise where the policy may have changed."""
        linked_ids = tickets.link_relationships(self.env, company.id)
        if not linked_ids and not changed_ids:
            return
        self.env["helpdesk.ticket"].invalidate_model(["relationship_id"])
        self.env["helpdesk.ticket"].sudo().search(
            [
                ("stage_id.closed", "=", False),
                "|",
                ("id", "in", linked_ids),
                ("relationship_id", "in", changed_ids),
            ]
        )._apply_promise()

    @api.model
    def _prepare_refresh_values(self, company):
        """What the refresh decides with, as plain values."""
        today = fields.Date.today()
        key = company.relationship_key_share_ratio
        segments = self.env["crm.relationship.segment"].sudo()
        computed = [("code", "in", segments._get_computed_codes())]
        stages = (
            self.env["crm.relationship.stage"].sudo().with_context(active_test=False)
        )
        codes = ("prospect", "onboarding", "active", "dormant", "lost")
        return refresh.RefreshValues(
            company_id=company.id,
            uid=self.env.uid,
            today=today,
            window_start=today - relativedelta(years=1),
            new_since=today - relativedelta(days=company.relationship_new_days),
            key_bound=key,
            core_bound=key + company.relationship_core_share_ratio,
            decimal_places=company.currency_id.decimal_places,
            default_type_id=company.relationship_default_type_id.id or None,
            segment_ids={item.code: item.id for item in segments.search(computed)},
            stage_ids={
                item.code: item.id for item in stages.search([("code", "in", codes)])
            },
            is_only_company=self.env["res.company"].sudo().search_count([], limit=2)
            == 1,
        )

    @api.model
    def _cron_refresh(self):
        """Refresh company after company, each in a transaction of its own; what is done today is not done again."""
        today = fields.Date.today()
        domain = [
            "|",
            ("relationship_refresh_date", "=", False),
            ("relationship_refresh_date", "<", today),
        ]
        companies = self.env["res.company"].sudo().search(domain, order="id")
        for position, company in enumerate(companies, start=1):
            self._refresh_company(company, today)
            remaining = len(companies) - position
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _refresh_company(self, company, today):
        """One company's turn of the night. One that fails is told in the log and tried again the next night."""
        try:
            with self.env.cr.savepoint():
                self.with_company(company)._refresh(company)
                company.relationship_refresh_date = today
        except Exception:
            _logger.exception(
                "The relationships of %s could not be refreshed; the other companies go on.",
                company.name,
            )

    def _refresh_own(self):
        """Compute the figures and the segment of these relationships now."""
        for company, relationships in self.grouped("company_id").items():
            self._refresh(company, relationships.partner_id.ids)
