"""The account review of 500 customers: its memory is that of a batch."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SIZES = (100, 500)
MONTHS = 24
MEMORY_BOUND = 1.25
SECONDS_BOUND = 30.0


@pytest.fixture(scope="module")
def customers(
    make_database: Callable[..., str], copy_database: Callable[[str, str], str]
) -> Iterator[Any]:
    """500 relationships, each with 24 months, two open tickets and a plan."""
    from odoo.tools import SQL

    from support import inprocess

    database = copy_database(make_database("benchmark", ["crm_relationship"]), "review")
    with inprocess.environment(database) as env:
        partners = env["res.partner"].create(
            [
                {"name": f"Reviewed customer {number}", "is_company": True}
                for number in range(max(SIZES))
            ]
        )
        relationships = env["crm.relationship"].create(
            [{"partner_id": partner.id} for partner in partners]
        )
        env["helpdesk.ticket"].create(
            [
                {"name": "Help", "description": "Help", "partner_id": partner.id}
                for partner in partners
                for _ in range(2)
            ]
        )
        env["crm.relationship.plan"].create(
            [
                {"relationship_id": item.id, "planned_revenue_amount": 1000}
                for item in relationships
            ]
        )
        env.flush_all()
        env.cr.execute(
            SQL(
                """
                INSERT INTO crm_relationship_snapshot
                       (relationship_id, company_id, date, order_count, revenue_amount, margin_amount,
                        cost_to_serve_amount, contribution_amount)
                SELECT id, company_id,
                       (date_trunc('month', now()) - make_interval(months => number) - interval '1 day')::date,
                       number, id * number, id * number / 2.0, number, id * number / 2.0 - number
                  FROM crm_relationship, generate_series(0, %s) number
                 WHERE id = ANY(%s)
                """,
                MONTHS - 1,
                relationships.ids,
            )
        )
        env.invalidate_all()
        yield relationships


def write(relationships: Any, path: Path) -> tuple[float, float]:
    """(seconds, megabytes that Python holds at the peak) of writing a review."""
    relationships.env.invalidate_all()
    start = time.perf_counter()
    with path.open("wb") as stream:
        relationships._write_review(stream)
    seconds = time.perf_counter() - start
    relationships.env.invalidate_all()
    tracemalloc.start()
    with path.open("wb") as stream:
        relationships._write_review(stream)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return seconds, peak


def test_five_hundred_customers_take_the_memory_of_a_hundred(
    customers: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "review.xlsx"
    write(customers[: SIZES[0]], path)
    (_few_seconds, few), (seconds, many) = (
        write(customers[:size], path) for size in SIZES
    )
    with capsys.disabled():
        print(
            f"\n  account review of {SIZES[1]} customers: {seconds:.1f} s"
            f" (at most {SECONDS_BOUND:.0f}), {path.stat().st_size / 1024:.0f} KiB"
            f"\n  memory at the peak: {many:.1f} MB, of {SIZES[0]} customers {few:.1f}"
            f" MB: {many / few:.2f} (at most {MEMORY_BOUND})"
        )
    assert many <= MEMORY_BOUND * few
    assert seconds <= SECONDS_BOUND
