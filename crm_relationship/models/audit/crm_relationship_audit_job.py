import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class CrmRelationshipAudit(models.Model):
    """The job that audits each month when it has ended."""

    _inherit = "crm.relationship.audit"

    @api.model
    def _cron_run(self):
        """Audit the month that ended, company after company, each in a transaction of its own, and again each night
        until it is sealed or the next month has ended: promises of its last tickets fall due after it. Where the floor
        has changed meanwhile it stays: by which promise to measure is for people to say. What was audited today is not
        audited again, so that a night which was cut off goes on where it stopped; a company whose figures are being
        refreshed waits for the next night."""
        companies = self._get_due_companies()
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(companies))
        for company in companies:
            try:
                with self.env.cr.savepoint():
                    self._run_month(company)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                _logger.exception(
                    "The month of %s could not be audited; the other companies go on.",
                    company.name,
                )
            if not progress(1):
                return

    @api.model
    def _get_due_companies(self):
        """Companies that have a floor, where the month has ended and its audit is neither sealed nor of today, and
        that have no refresh under way."""
        first, last = self._default_month()
        done = self.sudo().search(
            [
                ("date_from", "=", first),
                ("date_to", "=", last),
                "|",
                ("state", "=", "sealed"),
                ("run_at", ">=", fields.Date.today()),
            ]
        )
        busy = (
            self.env["crm.relationship.refresh"]
            .sudo()
            .search([("state", "=", "running"), ("date", "=", fields.Date.today())])
        )
        floors = (
            self.env["crm.relationship.policy"]
            .sudo()
            .search([("is_floor", "=", True), ("company_id.active", "=", True)])
        )
        companies = floors.company_id - done.company_id - busy.company_id
        return companies.filtered(
            lambda company: self.new({"company_id": company.id})._get_today() > last
        )

    @api.model
    def _run_month(self, company):
        first, last = self._default_month()
        period = {"company_id": company.id, "date_from": first, "date_to": last}
        domain = [(name, "=", value) for name, value in period.items()]
        audits = self.with_company(company)
        audit = audits.search([*domain, ("state", "=", "done")], limit=1)
        if not audit or audit._is_of_this_floor():
            (audit or audits.create(period))._run()

    def _is_of_this_floor(self):
        """Whether the floor promises today what it promised when this was measured."""
        now = self.with_context(lang=self._get_lang())._prepare_floor_values()
        return all((self[name] or "") == (value or "") for name, value in now.items())
