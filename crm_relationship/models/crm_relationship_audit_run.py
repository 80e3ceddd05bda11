import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..analytics import audit as analysis
from ..breaches import find_breaches
from ..queries import audit as audit_query
from ..queries import audit_breaches, audit_seal
from .helpdesk_ticket_service import AT_ONCE

_logger = logging.getLogger(__name__)
# Measure -> column of the tickets, and prefix of the fields of the audit.
MEASURES = {
    "first_response": "first_response_hours",
    "resolution": "resolution_hours",
}
PERCENTILES = ("median_hours", "p90_hours")


class CrmRelationshipAudit(models.Model):
    """How an audit is run: set-based, and the same every time for the same tickets at the same moment."""

    _inherit = "crm.relationship.audit"

    def _run(self):
        """Measure the tickets of the period and write lines, breaches and services anew; then the audit is done.

        Cost is linear in the number of tickets, memory in the number of breaches.
        """
        for audit in self:
            audit._refuse_sealed()
            audit = audit.with_context(lang=audit._get_lang())
            period = audit._get_period()
            audit_seal.delete_rows(self.env, audit.ids)
            audit._fill_tickets(period)
            breaches = find_breaches(self.env, period)
            audit_breaches.insert_breaches(audit.env, audit.id, breaches)
            values = {
                **self._prepare_empty_values(),
                **audit._write_lines(period),
                **audit._compare(),
                **audit._write_services(period),
            }
            audit._store({"state": "done", "run_at": period.now, **values})
            audit.invalidate_recordset()

    def _get_lang(self):
        """Names are kept in the language of the company."""
        return self.company_id.partner_id.lang or self.env.lang

    def _get_period(self):
        company = self.company_id.sudo()
        floor = self._get_floor()
        return audit_query.Period(
            company_id=company.id,
            date_from=self.date_from,
            date_to=self.date_to,
            start=self._get_start_of(self.date_from),
            end=self._get_start_of(self.date_to + relativedelta(days=1)),
            now=fields.Datetime.now(),
            floor_id=floor.id,
            floor_calendar_id=floor.calendar_id.id or None,
            calendar_id=company.resource_calendar_id.id or None,
        )

    def _get_floor(self):
        floor = self.env["crm.relationship.policy"]._get_floor(self.company_id)
        if not floor:
            raise UserError(
                self.env._(
                    "%(company)s has no service floor, so nothing is promised that could be audited. Create it under"
                    " Configuration, Policies.",
                    company=self.company_id.name,
                )
            )
        return floor

    def _fill_tickets(self, period):
        """Gather the tickets. What is left of those older than the addon is timed first; a job does it where that is
        much."""
        audit_query.fill_tickets(self.env, period)
        untimed = audit_query.find_untimed(self.env, AT_ONCE + 1)
        if len(untimed) > AT_ONCE:
            raise UserError(
                self.env._(
                    "The working hours of more than %(count)s older tickets of this period are still being counted."
                    " Run the audit again when that is done: a job does it in the background.",
                    count=AT_ONCE,
                )
            )
        if untimed:
            self.env["helpdesk.ticket"].sudo()._time(untimed)
            audit_query.fill_tickets(self.env, period)

    @api.model
    def _prepare_empty_values(self):
        """Numbers of an audit that has found nothing."""
        names = [
            "ticket_count",
            "breach_count",
            "breach_ticket_count",
            "open_breach_count",
            "key_only_count",
            "differing_count",
            "revenue_only_count",
        ]
        for measure in MEASURES:
            names += [f"{measure}_{key}_count" for key in ("small", "key")]
            names += [f"{measure}_{key}_hours" for key in ("difference", "low", "high")]
        return dict.fromkeys(names, 0)

    # --- lines ---

    def _write_lines(self, period):
        """One line for all, one for each segment and each type that had tickets or used services."""
        lines, totals = {}, {}
        for row in audit_query.fetch_lines(self.env):
            key = self._pop_key(row)
            for measure in MEASURES:
                found = row.pop(measure) or (0.0, 0.0)
                for name, hours in zip(PERCENTILES, found, strict=True):
                    row[f"{measure}_{name}"] = hours or 0.0
            lines[key] = row
        for row in audit_query.fetch_uses(self.env, period):
            lines.setdefault(self._pop_key(row), {}).update(row)
        for row in audit_breaches.fetch_breach_counts(self.env, self.id):
            key = self._pop_key(row)
            lines[key]["breach_count"] = row["breach_count"]
            totals[key] = row
        self._create_lines(lines)
        key = ("all", None)
        total = totals.get(key, {})
        return {
            "ticket_count": lines.get(key, {}).get("ticket_count", 0),
            "breach_count": total.get("breach_count", 0),
            "breach_ticket_count": total.get("ticket_count", 0),
            "open_breach_count": total.get("open_count", 0),
        }

    @api.model
    def _pop_key(self, row):
        """(scope, segment or type) of a row of the queries."""
        segment_id, type_id = row.pop("segment_id"), row.pop("type_id")
        return row.pop("scope"), segment_id or type_id

    def _create_lines(self, lines):
        scopes = [key[0] for key in self.line_ids._fields["scope"].selection]
        names = self._get_line_names(lines)
        ordered = sorted(names, key=lambda key: (scopes.index(key[0]), names[key][0]))
        rows = self.env["crm.relationship.audit.line"].sudo()
        rows.create(
            [
                {
                    "audit_id": self.id,
                    "date": self.date_from,
                    "scope": scope,
                    "name": names[scope, id_][1],
                    "segment_id": id_ if scope == "segment" else False,
                    "type_id": id_ if scope == "type" else False,
                    **self._prepare_line_values(lines[scope, id_]),
                }
                for scope, id_ in ordered
            ]
        )

    @api.model
    def _prepare_line_values(self, row):
        """Absent figures are 0 beside a count of 0."""
        complaints = row.get("complaint_count", 0)
        answered = row.get("complaint_answered_count", 0)
        return {
            **{name: value or 0 for name, value in row.items()},
            "complaint_answered_ratio": answered / complaints if complaints else 0.0,
        }

    def _get_line_names(self, lines):
        """(scope, id) -> (place, name); those without a segment or type last. A total of nothing is no line."""
        places = {}
        for scope in ("segment", "type"):
            records = (
                self.env[f"crm.relationship.{scope}"]
                .sudo()
                .with_context(active_test=False)
                .search([])
            )
            for place, record in enumerate(records):
                places[scope, record.id] = (place, record.name)
            places[scope, None] = (len(records), self._get_nobody(scope))
        places["all", None] = (0, self.env._("All tickets"))
        return {key: places[key] for key in lines if any(lines[key].values())}

    @api.model
    def _get_nobody(self, scope):
        if scope == "segment":
            return self.env._("Without a segment")
        return self.env._("Without a type")

    # --- small against key ---

    def _compare(self):
        """The difference small − key of both measures."""
        ids = {
            segment.code: segment.id
            for segment in self.env["crm.relationship.segment"]
            .sudo()
            .with_context(active_test=False)
            .search([("code", "in", ("small", "key"))])
        }
        values = {}
        for measure, column in MEASURES.items():
            waits = audit_query.fetch_waits(self.env, column, ids.values())
            small, key = (
                analysis.Waits.of(waits.get(ids.get(code), ()))
                for code in ("small", "key")
            )
            values.update(
                self._prepare_difference(measure, analysis.compare(small, key))
            )
        return values

    @api.model
    def _prepare_difference(self, measure, shift):
        return {
            f"{measure}_small_count": shift.count,
            f"{measure}_key_count": shift.other_count,
            f"{measure}_difference_hours": shift.hours or 0.0,
            f"{measure}_low_hours": shift.low or 0.0,
            f"{measure}_high_hours": shift.high or 0.0,
        }

    # --- services for few ---

    def _write_services(self, period):
        """What only key accounts received, and what differs for no ground but revenue."""
        rows = self._prepare_key_only(period)
        differing = self._get_differing()
        revenue = differing.filtered(lambda item: item.ground == "revenue")
        self.env["crm.relationship.audit.service"].sudo().create(
            [
                *rows,
                *(self._prepare_revenue_only(item) for item in revenue),
            ]
        )
        floor = self._get_floor()
        return {
            "floor_first_response_hours": floor.first_response_hours,
            "floor_resolution_hours": floor.resolution_hours,
            "key_only_count": len(rows),
            "differing_count": len(differing),
            "revenue_only_count": len(revenue),
        }

    def _prepare_key_only(self, period):
        key = self.env.ref("crm_relationship.segment_key", raise_if_not_found=False)
        found = audit_query.fetch_key_only(self.env, period, key.id) if key else []
        return [self._prepare_service("key_only", **row) for row in found]

    def _get_differing(self):
        """Entitlements on other terms than the floor's."""
        floor = self._get_floor()
        least = {item.service_id: item._get_terms() for item in floor.entitlement_ids}
        return (
            self.env["crm.relationship.entitlement"]
            .sudo()
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("policy_id.active", "=", True),
                    ("policy_id", "!=", floor.id),
                ]
            )
            .filtered(lambda item: item._get_terms() != least.get(item.service_id))
        )

    def _prepare_revenue_only(self, entitlement):
        return self._prepare_service(
            "revenue_only",
            entitlement.service_id.id,
            policy_name=entitlement.policy_id.display_name,
            terms=entitlement._get_terms_label(),
            note=entitlement.note,
        )

    def _prepare_service(self, finding, service_id, **values):
        service = self.env["crm.relationship.service"].sudo().browse(service_id)
        least = self._get_floor().entitlement_ids.filtered(
            lambda item: item.service_id == service
        )
        return {
            "audit_id": self.id,
            "finding": finding,
            "service_id": service.id,
            "service_name": service.name,
            "floor_terms": least and least._get_terms_label(),
            **values,
        }

    # --- the job ---

    @api.model
    def _cron_run(self):
        """Audit the month that ended, company after company, each in a transaction of its own. What is audited
        already is not audited again, so that a night which was cut off goes on where it stopped; a company whose
        figures are being refreshed waits for the next night."""
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
        """Companies that have a floor, no audit of the month that ended, and no refresh under way."""
        first, last = self._default_month()
        done = self.sudo().search(
            [
                ("date_from", "=", first),
                ("date_to", "=", last),
                ("state", "!=", "draft"),
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
        return floors.company_id - done.company_id - busy.company_id

    @api.model
    def _run_month(self, company):
        first, last = self._default_month()
        audit = self.with_company(company).create(
            {"company_id": company.id, "date_from": first, "date_to": last}
        )
        audit._run()
