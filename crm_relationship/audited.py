"""The tickets of an audited period, read once: what the lines, the comparison and the breaches of an audit ask."""

import numpy as np

from .analytics import audit as analysis
from .queries import audit

MEASURES = ("first_response", "resolution")
SCOPES = ("segment", "type")
COUNTS = (
    "ticket_count",
    "sla_decided_count",
    "sla_kept_count",
    "fcr_decided_count",
    "fcr_count",
    "complaint_count",
    "complaint_answered_count",
)
# Promise -> column of :func:`queries.audit.fetch_groups` with the tickets on which it may be broken.
SUSPECTS = {
    "first_response": "late_response_ids",
    "resolution": "late_resolution_ids",
}
NETWORK_FLOAT = ">f8"


class AuditedTickets:
    """Groups of tickets by segment and type, each with the hours of all its tickets: 16 bytes a ticket. One query."""

    def __init__(self, env, period):
        self.groups = audit.fetch_groups(env, period)
        for group in self.groups:
            for measure in MEASURES:
                hours = np.frombuffer(group[measure] or b"", NETWORK_FLOAT)
                group[measure] = hours.astype(np.float64)

    @property
    def untimed_ids(self):
        """Tickets that are rebuilt, but whose working hours are not counted yet."""
        return [id_ for group in self.groups for id_ in group["untimed_ids"] or ()]

    @property
    def open_count(self):
        return sum(group["open_count"] for group in self.groups)

    def get_lines(self):
        """(scope, segment or type) -> values of the line: for all, each segment and each type, None for no such."""
        members = {("all", None): self.groups}
        for group in self.groups:
            for scope in SCOPES:
                key = (scope, group[f"{scope}_id"])
                members.setdefault(key, []).append(group)
        return {key: _prepare_line(groups) for key, groups in members.items()}

    def get_waits(self, measure, segment_id):
        """How long the tickets of the customers of a segment waited."""
        groups = [item for item in self.groups if item["segment_id"] == segment_id]
        return analysis.Waits.of(_join(groups, measure))

    def get_suspects(self):
        """Promises that the floor may have broken: column -> list, as
        :func:`queries.audit_breaches.fetch_candidates` takes them."""
        found = {"ticket_id": [], "promise": [], "segment_id": [], "type_id": []}
        for group in self.groups:
            for promise, name in SUSPECTS.items():
                ids = group[name] or []
                found["ticket_id"] += ids
                found["promise"] += [promise] * len(ids)
                for scope in SCOPES:
                    found[f"{scope}_id"] += [group[f"{scope}_id"]] * len(ids)
        return found


def _join(groups, measure):
    return np.concatenate([np.empty(0), *(group[measure] for group in groups)])


def _prepare_line(groups):
    counts = {name: sum(group[name] for group in groups) for name in COUNTS}
    hours = {measure: _join(groups, measure) for measure in MEASURES}
    kept, first_contact = counts.pop("sla_kept_count"), counts.pop("fcr_count")
    values = {
        **counts,
        "answered_count": len(hours["first_response"]),
        "resolved_count": len(hours["resolution"]),
        "sla_kept_ratio": _ratio(kept, counts["sla_decided_count"]),
        "fcr_ratio": _ratio(first_contact, counts["fcr_decided_count"]),
        "complaint_answered_ratio": _ratio(
            counts["complaint_answered_count"], counts["complaint_count"]
        ),
    }
    for measure in MEASURES:
        names = (f"{measure}_median_hours", f"{measure}_p90_hours")
        found = analysis.median_and_p90(hours[measure])
        values.update(zip(names, found, strict=True))
    return values


def _ratio(part, whole):
    """Absent figures are 0 beside a count of 0."""
    return part / whole if whole else 0.0
