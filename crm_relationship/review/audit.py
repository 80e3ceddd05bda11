"""The sheets of a fairness audit: what it says, and all its rows."""

from odoo import fields

from ..audited import MEASURES
from .sheets import kind_of
from .workbook import Column, Workbook

# Rows are read so many at a time.
BATCH_SIZE = 1000
HEAD = (
    "company_id",
    "date_from",
    "date_to",
    "state",
    "run_at",
    "floor_first_response_hours",
    "floor_resolution_hours",
    "floor_kinds",
    "ticket_count",
    "breach_ticket_count",
    "breach_count",
    "open_breach_count",
    "undecided_count",
    "first_response_small_count",
    "first_response_key_count",
    "first_response_difference_hours",
    "first_response_low_hours",
    "first_response_high_hours",
    "resolution_small_count",
    "resolution_key_count",
    "resolution_difference_hours",
    "resolution_low_hours",
    "resolution_high_hours",
    "key_only_count",
    "differing_count",
    "revenue_only_count",
    "sealed_at",
    "sealed_by_id",
    "digest",
)
ROWS = {
    "line_ids": (
        "scope",
        "name",
        "ticket_count",
        "answered_count",
        "resolved_count",
        "first_response_median_hours",
        "first_response_p90_hours",
        "resolution_median_hours",
        "resolution_p90_hours",
        "sla_decided_count",
        "sla_kept_ratio",
        "fcr_decided_count",
        "fcr_ratio",
        "complaint_count",
        "complaint_answered_count",
        "breach_count",
        "entitlement_used_count",
        "entitlement_refused_count",
        "invitation_count",
        "invitation_answered_count",
    ),
    "breach_ids": (
        "ticket_number",
        "ticket_name",
        "customer_name",
        "segment_name",
        "type_id",
        "promise",
        "promised_hours",
        "deadline",
        "actual_at",
        "actual_hours",
        "late_hours",
        "reason",
    ),
    "service_ids": (
        "finding",
        "service_name",
        "policy_name",
        "terms",
        "floor_terms",
        "note",
        "used_count",
        "customer_count",
        "refused_count",
    ),
}
# What an empty count beside it makes of a figure: nothing, not 0.
COUNTED = {
    "first_response_median_hours": "answered_count",
    "first_response_p90_hours": "answered_count",
    "resolution_median_hours": "resolved_count",
    "resolution_p90_hours": "resolved_count",
    "sla_kept_ratio": "sla_decided_count",
    "fcr_ratio": "fcr_decided_count",
}


def write_audit(audit, stream):
    """Write an audit as an Excel file, row by row: memory does not grow with the breaches.

    :param audit: crm.relationship.audit, one, of a reader who may read it.
    :param stream: binary file, open for writing.
    """
    env = audit.env
    book = Workbook(stream, audit._get_file_title())
    _write_summary(audit, book)
    for name, columns in ROWS.items():
        rows = audit[name]
        title = audit._fields[name]._description_string(env)
        described = rows.fields_get(columns, ["string", "type", "selection"])
        table = book.add_table(
            title, [_make_column(item, described[item]) for item in columns]
        )
        ids = rows.ids
        for first in range(0, len(ids), BATCH_SIZE):
            for row in rows.browse(ids[first : first + BATCH_SIZE]):
                table.add_row(
                    [_to_cell(row, item, described[item]) for item in columns]
                )
            env.invalidate_all(flush=False)
        table.close()
    book.close()


def _write_summary(audit, book):
    env = audit.env
    columns = [Column(env._("What"), width=40), Column(env._("Result"), width=80)]
    table = book.add_table(env._("Summary"), columns)
    for sentence in (audit.summary or "").splitlines():
        table.add_row([None, sentence])
    described = audit.fields_get(HEAD, ["string", "type", "selection"])
    absent = _get_absent(audit)
    for name in HEAD:
        value = _to_cell(audit, name, described[name]) if name not in absent else None
        table.add_row([described[name]["string"], _to_text(value)])
    if audit.is_seal_broken:
        table.add_row([described["digest"]["string"], env._("The seal is broken.")])
    table.close()


def _get_absent(audit):
    """Figures of comparisons for which there are too few tickets."""
    return {
        f"{measure}_{name}_hours"
        for measure in MEASURES
        if audit._get_shift(measure).low is None
        for name in ("difference", "low", "high")
    }


def _make_column(name, description):
    return Column(description["string"], kind_of(name, description["type"]))


def _to_text(value):
    if isinstance(value, float):
        return f"{value:.2f}"
    return None if value is None or value is False else str(value)


def _to_cell(record, name, description):
    """A field's value as a cell has it; None for nothing."""
    value, type_ = record[name], description["type"]
    if name in COUNTED and not record[COUNTED[name]]:
        return None
    if type_ == "selection":
        return dict(description["selection"]).get(value)
    if type_ == "many2one":
        return value.sudo().display_name  # sudo: a name on a row that he may read
    if type_ == "datetime" and value:
        local = fields.Datetime.context_timestamp(record, value)
        return local.replace(tzinfo=None)
    return value
