from datetime import datetime, time, timedelta

from babel.dates import get_day_names
from pytz import UTC

from odoo import api, models, tools
from odoo.tools.date_utils import float_to_time
from odoo.tools.misc import babel_locale_parse, format_time, get_lang

from ..analytics import worktime

# Working time is remembered in pieces of so many days.
PIECE_DAYS = 64


def _companies_of(records):
    """The companies of calendars or of leaves; all where one of them has none."""
    records = records.sudo()
    if records and all(record.company_id for record in records):
        return records.company_id
    return records.env["res.company"].search([])


def _forget(companies):
    """Working hours changed: what was remembered of them is forgotten, and the open tickets of these companies get the
    promise that holds now."""
    companies.env.registry.clear_cache()
    companies.env["helpdesk.ticket"]._renew_promises_later(companies)


class ResourceCalendar(models.Model):
    """Working time as promises need it: each ticket asks for the same weeks, so they are worked out once."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        _forget(_companies_of(self))
        return result

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
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        first, last = (moment.toordinal() // PIECE_DAYS for moment in (begin, end))
        pieces = [self._get_piece(number) for number in range(first, last + 1)]
        if None in pieces:
            return self._find_intervals(begin, end)
        return [
            (max(start, begin), min(stop, end))
            for piece in pieces
            for start, stop in piece
            if start < end and stop > begin
        ]

    @tools.ormcache("self.id", "number")
    def _get_piece(self, number):
        """The working time of the so many-th piece of days, as a tuple of (start, stop) in UTC.

        :return: None for flexible hours, which depend on the moment from which they are counted.
        """
        if self.sudo().flexible_hours:
            return None
        first = datetime.combine(
            datetime.fromordinal(number * PIECE_DAYS or 1), time.min, UTC
        )
        return tuple(self._find_intervals(first, first + timedelta(days=PIECE_DAYS)))

    def _find_intervals(self, begin, end):
        """The same for everybody: neither rights nor the companies at work have a say in a promise."""
        calendar = self.with_env(self.env(su=True, context={}))
        domain = [("time_type", "=", "leave")]
        if calendar.company_id:
            domain.append(("company_id", "in", [False, calendar.company_id.id]))
        intervals = calendar._work_intervals_batch(begin, end, domain=domain)[False]
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


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        _forget(_companies_of(attendances.calendar_id))
        return attendances

    def write(self, vals):
        calendars = self.calendar_id
        result = super().write(vals)
        _forget(_companies_of(calendars | self.calendar_id))
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        _forget(_companies_of(calendars))
        return result


class ResourceCalendarLeaves(models.Model):
    """A holiday of everybody changes what is promised; the absence of one person does not."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        if leaves._is_common():
            _forget(_companies_of(leaves))
        return leaves

    def write(self, vals):
        was_common, companies = self._is_common(), _companies_of(self)
        result = super().write(vals)
        if was_common or self._is_common():
            _forget(companies | _companies_of(self))
        return result

    def unlink(self):
        was_common, companies = self._is_common(), _companies_of(self)
        result = super().unlink()
        if was_common:
            _forget(companies)
        return result

    def _is_common(self):
        """Whether any of them is everybody's."""
        return not all(leave.resource_id for leave in self.sudo())
