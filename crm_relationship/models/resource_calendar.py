from babel.dates import get_day_names
from pytz import UTC

from odoo import models
from odoo.tools.date_utils import float_to_time
from odoo.tools.misc import babel_locale_parse, format_time, get_lang

from ..analytics import worktime


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
        return (
            self.hours_per_week if self.flexible_hours else self._get_hours_per_week()
        )

    def _get_intervals(self, begin, end):
        """The working time between two moments, holidays taken out, by the calendar's time zone.

        :param begin: UTC datetime with time zone; ``end`` likewise.
        :return: list of (start, stop), ascending, in UTC.
        """
        self.ensure_one()
        intervals = self._work_intervals_batch(begin, end)[False]
        return [
            (start.astimezone(UTC), stop.astimezone(UTC))
            for start, stop, _records in intervals
        ]

    # --- in words, for customers ---

    def _get_week_text(self):
        """The working hours as a customer reads them: “Mon–Fri 08:00–12:00, 13:00–17:00 (Europe/Berlin)”."""
        if self._is_around_clock():
            return self.env._("around the clock, every day")
        if self.flexible_hours or self.two_weeks_calendar:
            return self.env._("%(hours)g hours a week", hours=self._get_week_hours())
        week = worktime.group_week(
            (int(item.dayofweek), item.hour_from, item.hour_to)
            for item in self.attendance_ids
            if not item.display_type and item.day_period != "lunch"
        )
        parts = [
            f"{self._get_days_text(days)} {self._get_hours_text(hours)}"
            for days, hours in week
        ]
        return self.env._("%(week)s (%(zone)s)", week="; ".join(parts), zone=self.tz)

    def _is_around_clock(self):
        return self._get_week_hours() >= 7 * 24

    def _get_days_text(self, days):
        names = get_day_names(
            "abbreviated", locale=babel_locale_parse(get_lang(self.env).code)
        )
        return ", ".join(
            names[first] if first == last else f"{names[first]}–{names[last]}"
            for first, last in worktime.runs(days)
        )

    def _get_hours_text(self, hours):
        return ", ".join(
            "–".join(
                format_time(self.env, float_to_time(hour), time_format="short")
                for hour in pair
            )
            for pair in hours
        )
