from datetime import timedelta

import pytz

from odoo import models

from ..analytics import worktime

HORIZON_DAYS = (30, 120, 800)


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _has_working_hours(self):
        """Whether anybody ever works by this calendar."""
        self.ensure_one()
        return self._get_week_hours() > 0

    def _get_week_hours(self):
        """Working hours of an average week. An empty calendar (round the clock) has 168."""
        if not self:
            return 7.0 * 24
        self.ensure_one()
        return self.hours_per_week if self.flexible_hours else self._get_hours_per_week()

    def _get_deadlines(self, start, hours):
        """The deadlines of several promises that start at the same time.

        Holidays count as free, the calendar's time zone decides. An empty calendar works round the clock.

        :param start: naive UTC datetime.
        :param hours: working hours of each promise.
        :return: list of naive UTC datetimes, None where no deadline lies within about two years. One query for
            the holidays as a rule, at most ``len(HORIZON_DAYS)``.
        """
        if not self:
            return [start + timedelta(hours=value) for value in hours]
        self.ensure_one()
        found = [None] * len(hours)
        for days in HORIZON_DAYS:
            intervals = self._get_intervals(start, days)
            found = [worktime.deadline(intervals, value) for value in hours]
            if None not in found or not intervals:
                break
        return [moment and moment.astimezone(pytz.UTC).replace(tzinfo=None) for moment in found]

    def _get_intervals(self, start, days):
        start = pytz.UTC.localize(start)
        intervals = self._work_intervals_batch(start, start + timedelta(days=days))[False]
        return [(begin, end) for begin, end, _records in intervals]
