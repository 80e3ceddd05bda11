from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...analytics import audit as analysis
from ...audited import MEASURES, AuditedTickets
from ...breaches import find_breaches
from ...queries import audit as audit_query
from ...queries import audit_breaches, audit_seal, audit_services
from ..ticket.helpdesk_ticket_service import AT_ONCE


class CrmRelationshipAudit(models.Model):
    """How an audit is run: set-based, and the same every time for the same tickets at the same moment."""

    _inherit = "crm.relationship.audit"

    def _run(self):
        """Measure the tickets of the period and write lines, breaches and services anew; then the audit is done.

        Cost is linear in the number of tickets, 16 bytes of memory each; more in the number of breaches.
        """
        for audit in self:
            audit._refuse_sealed()
            audit = audit.with_context(lang=audit._get_lang())
            period = audit._get_period()
            audit_seal.delete_rows(self.env, audit.ids)
            tickets = audit._read_tickets(period)
            breaches = find_breaches(self.env, period, tickets.get_suspects())
            audit_breaches.insert_breaches(audit.env, audit.id, breaches)
            values = {
                **self._prepare_empty_values(),
                **audit._write_lines(period, tickets),
                **audit._compare(tickets),
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

    def _read_tickets(self, period):
        """The tickets of the period. What is left of those older than the addon is timed first; a job does it where
        that is much."""
        tickets = AuditedTickets(self.env, period)
        untimed_ids = tickets.untimed_ids
        if len(untimed_ids) > AT_ONCE:
            raise UserError(
                self.env._(
                    "The working hours of more than %(count)s older tickets of this period are still being counted."
                    " Run the audit again when that is done: a job does it in the background.",
                    count=AT_ONCE,
                )
            )
        if untimed_ids:
            self.env["helpdesk.ticket"].sudo()._time(untimed_ids)
            tickets = AuditedTickets(self.env, period)
        return tickets

    @api.model
    def _prepare_empty_values(self):
        """Numbers of an audit that has found nothing."""
        names = [
            "ticket_count",
            "breach_count",
            "breach_ticket_count",
            "open_breach_count",
            "undecided_count",
            "key_only_count",
            "differing_count",
            "revenue_only_count",
        ]
        for measure in MEASURES:
            names += [f"{measure}_{key}_count" for key in ("small", "key")]
            names += [f"{measure}_{key}_hours" for key in ("difference", "low", "high")]
        return dict.fromkeys(names, 0)

    # --- lines ---

    def _write_lines(self, period, tickets):
        """One line for all, one for each segment and each type that had tickets, used services or was asked for its
        opinion."""
        lines, totals = tickets.get_lines(), {}
        for row in [
            *audit_services.fetch_uses(self.env, period),
            *audit_services.fetch_invitations(
                self.env,
                period,
                self.env["crm.relationship.source"]._get_invitation_query(),
            ),
        ]:
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
            "undecided_count": tickets.open_count - total.get("overdue_count", 0),
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
                    **lines[scope, id_],
                }
                for scope, id_ in ordered
            ]
        )

    def _get_line_names(self, lines):
        """(scope, id) -> (place, name); those without a segment or type last. A total of nothing is no line."""
        places = {}
        for scope in ("segment", "type"):
            records = (
                self.env[f"crm.relationship.{scope}"]
                .sudo()
                .with_context(active_test=False)
                .search([("id", "in", [id_ for name, id_ in lines if name == scope])])
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

    def _compare(self, tickets):
        """The difference small − key of both measures."""
        segments = (
            self.env["crm.relationship.segment"]
            .sudo()
            .with_context(active_test=False)
            .search([("code", "in", ("small", "key"))])
        )
        ids = {segment.code: segment.id for segment in segments}
        values = {}
        for measure in MEASURES:
            small, key = (
                tickets.get_waits(measure, ids.get(code, 0))
                for code in ("small", "key")
            )
            shift = analysis.compare(small, key)
            values.update(self._prepare_difference(measure, shift))
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
