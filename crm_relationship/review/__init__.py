"""The account review: sheets that are fed batch by batch into a workbook that never holds more than a row."""

from .audit import write_audit
from .charts import ChartsSheet
from .health import HealthSheet
from .sheets import (
    MonthsSheet,
    PlanSheet,
    ReviewSheet,
    SuggestionSheet,
    SummarySheet,
    TicketSheet,
)
from .workbook import Column, Workbook, clean_text
