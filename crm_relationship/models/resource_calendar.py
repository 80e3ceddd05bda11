from datetime import timedelta

import pytz
from babel.dates import get_day_names

from odoo import models
from odoo.tools.date_utils import float_to_time
from odoo.tools.misc import babel_locale_parse, format_time, get_lang

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

    # --- in words, for customers ---

    def _get_week_text(self):
        """The working hours as a customer reads them: “Mon–Fri 08:00–12:00, 13:00–17:00 (Europe/Berlin)”."""
        if self._get_week_hours() >= 7 * 24:
            return self.env._("around the clock, every day")
        if self.flexible_hours or self.two_weeks_calendar:
            return self.env._("%(hours)g hours a week", hours=self._get_week_hours())
        week = worktime.group_week(
            (int(item.dayofweek), item.hour_from, item.hour_to)
            for item in self.attendance_ids
            if not item.display_type and item.day_period != "lunch"
        )
        parts = [f"{self._get_days_text(days)} {self._get_hours_text(hours)}" for days, hours in week]
        return self.env._("%(week)s (%(zone)s)", week="; ".join(parts), zone=self.tz)

    def _get_days_text(self, days):
        names = get_day_names("abbreviated", locale=babel_locale_parse(get_lang(self.env).code))
        return ", ".join(
            names[first] if first == last else f"{names[first]}–{names[last]}"
            for first, last in worktime.runs(days)
        )

    def _get_hours_text(self, hours):
        return ", ".join(
            "–".join(format_time(self.env, float_to_time(hour), time_format="short") for hour in pair)
            for pair in hours
        )
