"""A workbook that is written row by row and takes every text as text.

Rows go to a temporary file at once (xlsxwriter's constant memory), so that memory does not grow with them.
"""

import re
from dataclasses import dataclass
from typing import Final

import xlsxwriter

TEXT_LIMIT: Final = 32_767  # UTF-16 units in a cell
NAME_LIMIT: Final = 31  # characters in the name of a sheet
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_NAME: Final = re.compile(r"[\[\]:*?/\\]")
WIDTHS: Final = {
    "text": 24,
    "date": 12,
    "datetime": 17,
    "integer": 10,
    "year": 7,
    "number": 11,
    "money": 16,
    "ratio": 11,
}
FORMATS: Final = {
    "text": {},
    "date": {"num_format": 14},  # the short date of who opens the file
    "datetime": {"num_format": 22},
    "integer": {"num_format": "#,##0"},
    "year": {"num_format": "0"},
    "number": {"num_format": "#,##0.0"},
    "ratio": {"num_format": "0.0%"},
}


@dataclass(frozen=True)
class Column:
    """A column: its title, the kind of its values (a key of ``WIDTHS``) and its width in characters."""

    title: str
    kind: str = "text"
    width: int | None = None


def clean_text(value):
    """The text as a cell can hold it: no characters that XML forbids, no more than fits.

    >>> clean_text("=1+1\\x00"), len(clean_text("x" * 40000)), len(clean_text("\\N{GRINNING FACE}" * 40000))
    ('=1+1', 32767, 16383)
    >>> clean_text("<r>raw</r>")  # the writer would take it for markup
    '<r>raw</r> '
    """
    text = _ILLEGAL.sub("", str(value))
    units = text.encode("utf-16-le")[: 2 * TEXT_LIMIT]
    text = units.decode("utf-16-le", "ignore")
    if text.startswith("<r>") and text.endswith("</r>"):
        text = text[: TEXT_LIMIT - 1] + " "
    return text


def sheet_name(title, taken):
    """A name that Excel takes for a sheet, different from those taken.

    >>> sheet_name("Plan [2026]: a/b", set()), sheet_name("Plan", {"plan"}), sheet_name("''", set())
    ('Plan 2026 a b', 'Plan 2', 'Sheet')
    """
    plain = " ".join(_NO_NAME.sub(" ", clean_text(title)).split()).strip("' ")
    plain = plain[:NAME_LIMIT].strip("' ") or "Sheet"
    name, number = plain, 1
    while name.lower() in {*taken, "history"}:
        number += 1
        suffix = f" {number}"
        name = plain[: NAME_LIMIT - len(suffix)] + suffix
    return name


def money_format(currency):
    """Excel's number format of a res.currency."""
    digits = "0" * currency.decimal_places
    number = f"#,##0.{digits}" if digits else "#,##0"
    symbol = (currency.symbol or currency.name or "").replace('"', "")
    pattern = f'{number} "{symbol}"'
    if currency.position == "before":
        pattern = f'"{symbol}" {number}'
    return f"{pattern};[Red]-{pattern}"


class Table:
    """One sheet with a header and rows under it."""

    def __init__(self, book, title, columns):
        self.book = book
        self.columns = columns
        self.name = sheet_name(title, {item.get_name().lower() for item in book.sheets})
        self.worksheet = book.file.add_worksheet(self.name)
        self.row_count = 0
        self._set_up()

    def _set_up(self):
        sheet = self.worksheet
        sheet.freeze_panes(1, min(2, len(self.columns)))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        for number, column in enumerate(self.columns):
            width = column.width or max(WIDTHS[column.kind], len(column.title) + 3)
            sheet.set_column(number, number, min(width, 80))
            sheet.write_string(0, number, clean_text(column.title), self.book.header)

    def add_row(self, values, currency=None):
        """Append a row; None leaves a cell empty. Money is in the currency given."""
        self.row_count += 1
        money = self.book.money(currency) if currency else None
        for number, (column, value) in enumerate(
            zip(self.columns, values, strict=True)
        ):
            if value is not None and value is not False and value != "":
                self._write_cell(number, column.kind, value, money)

    def _write_cell(self, number, kind, value, money):
        place = (self.row_count, number)
        if kind == "text":
            self.worksheet.write_string(*place, clean_text(value))
        elif kind in ("date", "datetime"):
            self.worksheet.write_datetime(*place, value, self.book.format(kind))
        elif kind == "money":
            self.worksheet.write_number(*place, value, money)
        else:
            self.worksheet.write_number(*place, value, self.book.format(kind))

    def close(self):
        """Nothing follows: readers can filter what there is."""
        if self.row_count:
            last = len(self.columns) - 1
            self.worksheet.autofilter(0, 0, self.row_count, last)

    def reference(self, number):
        """The cells of a column, to be used in a formula of another sheet."""
        name = self.name.replace("'", "''")
        letter = xlsxwriter.utility.xl_col_to_name(number)
        return f"'{name}'!${letter}$2:${letter}${max(self.row_count, 1) + 1}"


class Workbook:
    """An Excel file that is written to a stream.

    :param stream: binary file, open for writing; complete after :meth:`close`.
    """

    def __init__(self, stream, title):
        self.file = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.file.set_properties({"title": clean_text(title)})
        self.header = self.file.add_format(
            {"bold": True, "bg_color": "#EEEEF3", "bottom": 1, "valign": "vcenter"}
        )
        self._formats = {}
        self._money = {}

    @property
    def sheets(self):
        return self.file.worksheets()

    def format(self, kind, **more):
        """The format of a kind of values, made once."""
        key = (kind, *sorted(more.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format({**FORMATS[kind], **more})
        return self._formats[key]

    def money(self, currency):
        """The format of amounts in a currency, made once."""
        if currency.id not in self._money:
            properties = {"num_format": money_format(currency)}
            self._money[currency.id] = self.file.add_format(properties)
        return self._money[currency.id]

    def add_table(self, title, columns):
        return Table(self, title, columns)

    def close(self):
        self.file.close()
