"""Who gets new tickets: absences, skills and loads of many tickets' candidates are asked for once."""

from functools import cached_property

from odoo import fields

from .analytics import dispatch
from .queries import dispatch as queries


class Owners:
    """Who can have a ticket, for many tickets in one go; nothing is asked for that nobody needs."""

    def __init__(self, env):
        self.env = env
        self.now = fields.Datetime.now()
        self.candidates = {}

    @cached_property
    def absent(self):
        """Ids of the users who are away now."""
        return queries.fetch_absent(self.env, self.now)

    def is_there(self, user):
        """Whether somebody works here and is not away."""
        return bool(user) and user.active and user.id not in self.absent

    def get_keeper(self, relationship):
        """The dedicated manager, the deputy while the manager is away; empty where neither is there."""
        for user in (relationship.manager_id, relationship.deputy_id):
            if self.is_there(user):
                return user
        return self.env["res.users"]

    def get_candidates(self, team, category, company):
        """Ids of the team's members who are there and handle the category; all members there, where nobody does.

        What a person handles includes the categories below it.
        """
        key = (team, category, company)
        if key not in self.candidates:
            members = team.sudo().user_ids.filtered(
                lambda user: not user.share
                and company in user.company_ids
                and self.is_there(user)
            )
            skilled = members & self._get_handlers(category.sudo())
            self.candidates[key] = (skilled or members).ids
        return self.candidates[key]

    def _get_handlers(self, category):
        above = [int(part) for part in (category.parent_path or "").split("/") if part]
        return category.browse(above).handler_ids

    def distribute(self, tickets):
        """A user id for each ticket, None where nobody can have it.

        :param tickets: for each ticket the ids of its candidates.
        """
        user_ids = {user_id for candidates in tickets for user_id in candidates}
        if not user_ids:
            return [None] * len(tickets)
        loads = queries.fetch_loads(self.env, user_ids, self.now)
        return dispatch.distribute(tickets, loads)
