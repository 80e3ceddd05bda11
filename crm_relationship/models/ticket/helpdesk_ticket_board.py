from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

TEAM = "helpdesk_mgmt.group_helpdesk_user_team"
ALL = "helpdesk_mgmt.group_helpdesk_user"
PERIODS = (7, 30, 90, 365)
# Days since a ticket was opened: from, up to (None: without end).
AGES = ((0, 1), (1, 3), (3, 7), (7, 30), (30, None))
PROMISES = ("first_response", "resolution")


class HelpdeskTicket(models.Model):
    """How the service of a company stands: what the manager's dashboard shows."""

    _inherit = "helpdesk.ticket"

    @api.model
    @api.readonly
    def get_service_board(self, days=30):
        """Tiles and tables over the tickets of the current company that the user may see, duplicates left out.

        The number of queries does not grow with the tickets, teams or persons.

        :param days: the period until now of what is counted over time, one of :data:`PERIODS`; backlog, late and
            load are as of now.
        :return: dict of ``days``, ``periods``, ``is_all`` (whether the user sees all tickets), ``fcr_rule`` (the
            company's definition in words), ``tiles`` (key, value or False for none, count, total, domain of the
            tickets behind it), ``ages`` (days from and to), ``backlog`` (rows of teams: name, cells of count and
            domain), ``segments`` (name and per promise kept, count, ratio, domain of the broken ones) and ``load``
            (rows of persons: name, open, late, domains).
        """
        self._check_board(days)
        now = fields.Datetime.now()
        since = fields.Datetime.to_string(now - timedelta(days))
        segments = self._prepare_board_segments(since)
        backlog = self._prepare_board_backlog(now)
        return {
            "days": days,
            "periods": PERIODS,
            "is_all": self.env.user.has_group(ALL),
            "fcr_rule": self.env.company.sudo()._get_fcr_rule_text(),
            "tiles": [
                *self._prepare_board_now(now),
                self._prepare_board_fcr(since),
                *self._prepare_board_promises(segments, since),
                self._prepare_board_reopened(since),
                self._prepare_board_handovers(since),
            ],
            "ages": AGES,
            "backlog": backlog,
            "segments": segments,
            "load": self._prepare_board_load(now),
        }

    @api.model
    def _check_board(self, days):
        if not self.env.user.has_group(TEAM):
            raise AccessError(
                self.env._(
                    "The service dashboard is for those who see the tickets of a team: ask an administrator for the"
                    " helpdesk role."
                )
            )
        if days not in PERIODS:
            raise UserError(
                self.env._(
                    "“%(days)s” is no period of the dashboard. Choose one of these numbers of days: %(periods)s.",
                    days=days,
                    periods=", ".join(map(str, PERIODS)),
                )
            )

    @api.model
    def _get_board_domain(self, *conditions):
        return [
            ("company_id", "=", self.env.company.id),
            ("is_merged", "=", False),
            *conditions,
        ]

    @api.model
    def _get_board_open_domain(self, *conditions):
        return self._get_board_domain(("closed", "=", False), *conditions)

    @api.model
    def _prepare_board_tile(self, key, value, count, total, domain):
        return {
            "key": key,
            "value": value,
            "count": count,
            "total": total,
            "domain": domain,
        }

    @api.model
    def _prepare_board_now(self, now):
        """What is open, late and of nobody at this moment."""
        moment = fields.Datetime.to_string(now)
        domains = {
            "open": self._get_board_open_domain(),
            "late": self._get_board_open_domain(("next_deadline", "<", moment)),
            "unowned": self._get_board_open_domain(("user_id", "=", False)),
        }
        counts = {key: self.search_count(domain) for key, domain in domains.items()}
        return [
            self._prepare_board_tile(
                key, counts[key], counts[key], counts["open"], domain
            )
            for key, domain in domains.items()
        ]

    @api.model
    def _prepare_board_fcr(self, since):
        """Of the tickets that were decided in the period; the list holds those that took more than one contact."""
        domain = self._get_board_domain(("fcr_decided_at", ">=", since))
        counts = dict(
            self._read_group(
                [*domain, ("fcr_state", "in", ["yes", "no"])],
                ["fcr_state"],
                ["__count"],
            )
        )
        missed, total = counts.get("no", 0), sum(counts.values())
        ratio = counts.get("yes", 0) / total if total else False
        domain.append(("fcr_state", "=", "no"))
        return self._prepare_board_tile("fcr", ratio, missed, total, domain)

    @api.model
    def _get_broken_domain(self, promise, since, *conditions):
        return self._get_board_domain(
            ("create_date", ">=", since),
            (f"{promise}_verdict", "=", "broken"),
            *conditions,
        )

    @api.model
    def _prepare_board_segments(self, since):
        """Promises that were kept and broken of the tickets opened in the period, by segment of their customer."""
        opened = self._get_board_domain(("create_date", ">=", since))
        counts = {
            (promise, verdict): {
                # sudo: only its name, which everybody of the house may read
                segment.sudo(): count
                for segment, count in self._read_group(
                    [*opened, (f"{promise}_verdict", "=", verdict)],
                    ["relationship_segment_id"],
                    ["__count"],
                )
            }
            for promise in PROMISES
            for verdict in ("kept", "broken")
        }
        found = self.env["crm.relationship.segment"].sudo()
        found = found.union(*(segment for item in counts.values() for segment in item))
        groups = [*found.sorted()]
        if any(found.browse() in item for item in counts.values()):
            groups.append(found.browse())
        return [
            {
                "id": segment.id,
                "name": segment.display_name or self.env._("None"),
                **{
                    promise: self._prepare_board_kept(promise, segment, counts, since)
                    for promise in PROMISES
                },
            }
            for segment in groups
        ]

    @api.model
    def _prepare_board_kept(self, promise, segment, counts, since):
        kept = counts[promise, "kept"].get(segment, 0)
        count = kept + counts[promise, "broken"].get(segment, 0)
        of_segment = ("relationship_segment_id", "=", segment.id)
        return {
            "kept": kept,
            "count": count,
            "ratio": kept / count if count else False,
            "domain": self._get_broken_domain(promise, since, of_segment),
        }

    @api.model
    def _prepare_board_promises(self, segments, since):
        for promise in PROMISES:
            kept = sum(segment[promise]["kept"] for segment in segments)
            count = sum(segment[promise]["count"] for segment in segments)
            yield self._prepare_board_tile(
                promise,
                kept / count if count else False,
                count - kept,
                count,
                self._get_broken_domain(promise, since),
            )

    @api.model
    def _prepare_board_reopened(self, since):
        """Of the tickets that were closed in the period, those that were opened again in it."""

        def happened(kind):
            event = [("kind", "=", kind), ("date", ">=", since)]
            return ("event_ids", "any", event)

        closed = self._get_board_domain(happened("resolved"))
        reopened = [*closed, happened("reopened")]
        total, count = self.search_count(closed), self.search_count(reopened)
        ratio = count / total if total else False
        return self._prepare_board_tile("reopened", ratio, count, total, reopened)

    @api.model
    def _prepare_board_handovers(self, since):
        """How often a ticket was taken from its owner or team in the period, and of how many tickets."""
        event = [("kind", "=", "handed_over"), ("date", ">=", since)]
        tickets = self._get_board_domain(("event_ids", "any", event))
        [(count, total)] = self.env["crm.relationship.ticket.event"]._read_group(
            [
                *event,
                ("ticket_id", "any", self._get_board_domain(("active", "=", True))),
            ],
            [],
            ["__count", "ticket_id:count_distinct"],
        )
        return self._prepare_board_tile("handovers", count, count, total, tickets)

    @api.model
    def _prepare_board_backlog(self, now):
        """Rows of teams: how many open tickets of each age; one query for each age."""
        columns = []
        for start, end in AGES:
            opened = self._get_age_domain(now, start, end)
            counts = dict(
                self._read_group(
                    self._get_board_open_domain(*opened), ["team_id"], ["__count"]
                )
            )
            columns.append((opened, counts))
        teams = self.env["helpdesk.ticket.team"].union(
            *(team for _opened, counts in columns for team in counts)
        )
        groups = [*teams.sorted(lambda team: team.sudo().name)]
        if any(teams.browse() in counts for _opened, counts in columns):
            groups.append(teams.browse())
        return [
            {
                "id": team.id,
                # sudo: only its name
                "name": team.sudo().display_name or self.env._("No team"),
                "domain": self._get_board_open_domain(("team_id", "=", team.id)),
                "cells": [
                    {
                        "count": counts.get(team, 0),
                        "domain": self._get_board_open_domain(
                            ("team_id", "=", team.id), *opened
                        ),
                    }
                    for opened, counts in columns
                ],
            }
            for team in groups
        ]

    @api.model
    def _get_age_domain(self, now, start, end):
        opened = [
            ("create_date", "<=", fields.Datetime.to_string(now - timedelta(start)))
        ]
        if end is not None:
            oldest = fields.Datetime.to_string(now - timedelta(end))
            opened.append(("create_date", ">", oldest))
        return opened

    @api.model
    def _prepare_board_load(self, now):
        """Open and late tickets of each person, the one with the most late first, and of nobody."""
        moment = fields.Datetime.to_string(now)
        late_domain = [("next_deadline", "<", moment)]
        late = dict(
            self._read_group(
                self._get_board_open_domain(*late_domain), ["user_id"], ["__count"]
            )
        )
        rows = self._read_group(self._get_board_open_domain(), ["user_id"], ["__count"])
        load = [
            {
                "id": user.id,
                # sudo: only the name
                "name": user.sudo().display_name or self.env._("Nobody"),
                "open": count,
                "late": late.get(user, 0),
                "domain": self._get_board_open_domain(("user_id", "=", user.id)),
                "late_domain": self._get_board_open_domain(
                    ("user_id", "=", user.id), *late_domain
                ),
            }
            for user, count in rows
        ]
        return sorted(load, key=lambda row: (-row["late"], -row["open"], row["name"]))
