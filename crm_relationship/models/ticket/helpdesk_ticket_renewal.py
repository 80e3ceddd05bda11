from odoo import api, models

# Open tickets that get what is promised now while somebody waits for it. More are left to the job, as many at a time.
AT_ONCE = 500


class HelpdeskTicket(models.Model):
    """When what is promised changes, open tickets follow: few at once, many in the background.

    What is left to do is written down on the company, so that the job can stop and go on.
    """

    _inherit = "helpdesk.ticket"

    @api.model
    def _renew_promises(self, companies, domain=()):
        """Give the open tickets of these companies, or those of a domain, the promise that holds now."""
        tickets = self.sudo().search(
            [*self._get_renewal_domain(companies), *domain],
            order="id desc",
            limit=AT_ONCE + 1,
        )
        if len(tickets) <= AT_ONCE:
            tickets._apply_promise()
            return
        for company in companies.sudo():
            company.ticket_renewal_below = max(
                company.ticket_renewal_below, tickets[0].id + 1
            )
        self.env.ref("crm_relationship.ir_cron_ticket_renewal").sudo()._trigger()

    @api.model
    def _renew_promises_later(self, companies):
        """The same, all by the job: where more changes may follow at once."""
        newest = self.sudo()._read_group(
            self._get_renewal_domain(companies), ["company_id"], ["id:max"]
        )
        for company, ticket_id in newest:
            if company.ticket_renewal_below <= ticket_id:
                company.ticket_renewal_below = ticket_id + 1
        if newest:
            self.env.ref("crm_relationship.ir_cron_ticket_renewal").sudo()._trigger()

    @api.model
    def _get_renewal_domain(self, companies):
        return [("company_id", "in", companies.ids), ("stage_id.closed", "=", False)]

    @api.model
    def _cron_renew(self):
        """Give the open tickets that are left the promise that holds now, the newest first, so many at a time."""
        progress = self.env["ir.cron"]._commit_progress
        companies = self.env["res.company"].search([("ticket_renewal_below", ">", 0)])
        for company in companies:
            while tickets := self._find_outdated(company):
                tickets._apply_promise()
                company.ticket_renewal_below = tickets[-1].id
                if not progress(len(tickets), remaining=1):
                    return
            company.ticket_renewal_below = 0
        progress(remaining=0)

    @api.model
    def _find_outdated(self, company):
        domain = self._get_renewal_domain(company)
        return self.search(
            [*domain, ("id", "<", company.ticket_renewal_below)],
            order="id desc",
            limit=AT_ONCE,
        )
