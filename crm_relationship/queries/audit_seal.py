"""The digest by which a sealed audit shows whether somebody changed it."""

from odoo.tools import SQL

# What the seal covers: table -> columns. Names are kept as words, so that a renamed segment changes no result.
SEALED = {
    "crm_relationship_audit": (
        "id company_id date_from date_to run_at floor_first_response_hours floor_resolution_hours"
        " floor_kinds ticket_count breach_count breach_ticket_count open_breach_count undecided_count"
        " key_only_count differing_count"
        " revenue_only_count first_response_small_count first_response_key_count first_response_difference_hours"
        " first_response_low_hours first_response_high_hours resolution_small_count resolution_key_count"
        " resolution_difference_hours resolution_low_hours resolution_high_hours"
    ),
    "crm_relationship_audit_line": (
        "id audit_id date scope name segment_id type_id ticket_count answered_count resolved_count"
        " first_response_median_hours first_response_p90_hours resolution_median_hours resolution_p90_hours"
        " sla_decided_count sla_kept_ratio fcr_decided_count fcr_ratio complaint_count complaint_answered_count"
        " complaint_answered_ratio breach_count entitlement_used_count entitlement_refused_count"
        " invitation_count invitation_answered_count"
    ),
    "crm_relationship_audit_breach": (
        "id audit_id ticket_id ticket_number ticket_name customer_name segment_id segment_name type_id promise"
        " promised_hours deadline actual_at actual_hours late_hours reason is_open"
    ),
    "crm_relationship_audit_service": (
        "id audit_id finding service_id service_name policy_name terms floor_terms note used_count"
        " customer_count refused_count"
    ),
}


def fetch_digests(env, audit_ids):
    """Audit id -> SHA-256 of its result: of each row of :data:`SEALED` as JSON, one a line, in the order of tables
    and ids. Indexes: those on ``audit_id``."""
    env.flush_all()
    rows = SQL(" UNION ALL ").join(
        SQL(
            """
            SELECT %(audit_id)s AS audit_id, %(place)s AS place, id, to_jsonb(found) AS content
              FROM (SELECT %(columns)s FROM %(table)s WHERE %(audit_id)s = ANY(%(audit_ids)s)) found
            """,
            audit_id=SQL.identifier("id" if not place else "audit_id"),
            place=place,
            columns=SQL(", ").join(map(SQL.identifier, columns.split())),
            table=SQL.identifier(table),
            audit_ids=list(audit_ids),
        )
        for place, (table, columns) in enumerate(SEALED.items())
    )
    return dict(
        env.execute_query(
            SQL(
                """
                SELECT audit_id, encode(sha256(convert_to(
                           string_agg(place || ' ' || content::text, E'\\n' ORDER BY place, id), 'UTF8')), 'hex')
                  FROM (%s) sealed
                 GROUP BY audit_id
                """,
                rows,
            )
        )
    )


def delete_rows(env, audit_ids):
    """Delete the result of audits that are run again."""
    env.flush_all()
    for table in list(SEALED)[1:]:
        env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE audit_id = ANY(%s)",
                SQL.identifier(table),
                list(audit_ids),
            )
        )
    env.invalidate_all(flush=False)
