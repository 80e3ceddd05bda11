"""The charts of the account review: one customer or all of them, chosen in a cell, month by month."""

from dateutil.relativedelta import relativedelta

from .sheets import MONTHS, MonthsSheet, ReviewSheet
from .workbook import clean_text

FIRST_ROW = 5
LAST_ROW = FIRST_ROW + MONTHS - 1
COLORS = {
    "revenue_amount": "#5B8DB8",
    "margin_amount": "#0E8270",
    "cost_to_serve_amount": "#D44C59",
    "contribution_amount": "#F4A261",
}
NUMBER_COLUMN, DATE_COLUMN = 0, 2


class ChartsSheet(ReviewSheet):
    """The last 24 months as native charts over formulas, so that a chart for each customer costs no memory.

    The number of a customer in the yellow cell chooses whose months are drawn, 0 means all of them. Customers of
    several currencies cannot be added up: then there is no 0.
    """

    @property
    def title(self):
        return self.env._("Charts")

    def start(self):
        self.worksheet = self.book.add_table(self.title, []).worksheet
        self.count = 0
        self.currencies = self.env["res.currency"]
        self.first_name = ""

    def add(self, numbers, relationships):
        self.count += len(relationships)
        self.currencies |= relationships.currency_id
        self.first_name = self.first_name or relationships[:1].display_name

    def connect(self, sheets):
        """The sheets that the formulas read."""
        by_type = {type(sheet).__name__: sheet for sheet in sheets}
        self.summary = by_type["SummarySheet"].table
        self.months = next(item for item in sheets if isinstance(item, MonthsSheet))

    def finish(self):
        names = list(self.months.described)
        self.measures = [name for name in names if name in COLORS]
        self.has_all = len(self.currencies) == 1 and self.count > 1
        self.worksheet.freeze_panes(FIRST_ROW, 0)
        self.worksheet.set_column(0, 0, 30)
        self.worksheet.set_column(1, len(self.measures), 17)
        self._write_choice()
        self._write_months(names)
        self._insert_charts()

    def _write_choice(self):
        sheet, book = self.worksheet, self.book
        sheet.write_string(0, 0, self.env._("Customer no."), book.header)
        chosen = book.file.add_format(
            {"bg_color": "#FFF2A8", "border": 1, "bold": True}
        )
        sheet.write_number(0, 1, 0 if self.has_all else 1, chosen)
        lowest = 0 if self.has_all else 1
        sheet.data_validation(
            0,
            1,
            0,
            1,
            {
                "validate": "integer",
                "criteria": "between",
                "minimum": lowest,
                "maximum": max(self.count, lowest),
                "input_title": self.env._("Which customer?"),
                "input_message": self.env._(
                    "Enter a number from the first column of the summary; 0 shows all customers together."
                )
                if self.has_all
                else self.env._("Enter a number from the first column of the summary."),
            },
        )
        everybody = self.env._("All customers")
        names = self.summary.reference(1)
        quoted = everybody.replace('"', '""')
        formula = f'=IF($B$1=0,"{quoted}",INDEX({names},$B$1))'
        sheet.write_string(1, 0, self.env._("Customer"), book.header)
        shown = everybody if self.has_all else self.first_name
        sheet.write_formula(1, 1, formula, None, clean_text(shown)[:255])

    def _write_months(self, names):
        sheet, book = self.worksheet, self.book
        header = FIRST_ROW - 1
        sheet.write_string(header, 0, self.env._("Month"), book.header)
        for number, name in enumerate(self.measures, start=1):
            title = self.months.described[name]["string"]
            sheet.write_string(header, number, title, book.header)
        amount = book.format("number")
        if len(self.currencies) == 1:
            amount = book.money(self.currencies)
        month_format = book.format("date", num_format="mmm yyyy")
        for row in range(FIRST_ROW, LAST_ROW + 1):
            first = self.months.start_date + relativedelta(months=row - FIRST_ROW)
            last = first + relativedelta(months=1, days=-1)
            sheet.write_datetime(row, 0, last, month_format)
            for number, name in enumerate(self.measures, start=1):
                formula = self._get_formula(row, 2 + names.index(name))
                sheet.write_formula(
                    row, number, formula, amount, self._get_shown(last, name)
                )

    def _get_formula(self, row, column):
        """The sum of a column of the months, of the customer chosen and the month of this row."""
        table = self.months.table
        values, numbers, dates = map(
            table.reference, (column, NUMBER_COLUMN, DATE_COLUMN)
        )
        chosen = 'IF($B$1=0,">0",$B$1)'
        return f"=SUMIFS({values},{numbers},{chosen},{dates},$A{row + 1})"

    def _get_shown(self, month, name):
        """What the formula gives before anybody changes the choice."""
        if self.has_all or self.count == 1:
            return self.months.totals.get(month, {}).get(name, 0.0)
        return 0.0

    def _insert_charts(self):
        pairs = [
            (self.env._("Revenue and margin"), ["revenue_amount", "margin_amount"]),
            (
                self.env._("Cost to serve and contribution"),
                ["cost_to_serve_amount", "contribution_amount"],
            ),
        ]
        row = 0
        for title, names in pairs:
            shown = [name for name in names if name in self.measures]
            if shown:
                if len(shown) == 1:
                    title = self.months.described[shown[0]]["string"]
                chart = self._make_chart(title, shown)
                self.worksheet.insert_chart(row, len(self.measures) + 2, chart)
                row += 19

    def _make_chart(self, title, names):
        """Columns for the first measure, a line for the second."""
        chart = self.book.file.add_chart({"type": "column"})
        chart.add_series(self._get_series(names[0], "fill"))
        if len(names) > 1:
            line = self.book.file.add_chart({"type": "line"})
            line.add_series(self._get_series(names[1], "line"))
            chart.combine(line)
        chart.set_title({"name": title, "name_font": {"size": 13}})
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis(
            {"date_axis": True, "num_format": "mmm yy", "label_position": "low"}
        )
        chart.set_y_axis(
            {
                "num_format": "#,##0",
                "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}},
            }
        )
        chart.set_size({"width": 720, "height": 360})
        return chart

    def _get_series(self, name, style):
        column = 1 + self.measures.index(name)
        place = self.worksheet.name
        look = {"color": COLORS[name]}
        if style == "line":
            look["width"] = 2.25
        return {
            "name": [place, FIRST_ROW - 1, column],
            "categories": [place, FIRST_ROW, 0, LAST_ROW, 0],
            "values": [place, FIRST_ROW, column, LAST_ROW, column],
            style: look,
        }
