"""How setup/test counts: what the log of Odoo says is what is told."""

from pathlib import Path

import pytest

from checks import addon_tests, logs
from checks.outcome import Outcome, count, is_good
from databases import ROOT, addons

HEAD = "2026-01-01 10:00:00,000 17 {level} db {logger}: {text}"
TESTS = "odoo.addons.crm_relationship.tests.test_a"


def line(text: str, level: str = "INFO", logger: str = TESTS) -> str:
    return HEAD.format(level=level, logger=logger, text=text)


def outcome_of(*lines: str) -> Outcome:
    outcome = Outcome("addon tests")
    addon_tests.add_tests(outcome, list(logs.records(lines)))
    return outcome


def bad(*lines: str) -> list[str]:
    found = logs.bad_records(list(logs.records(lines)), logs.allow_list())
    return [record.first_line for record in found]


def test_every_started_test_is_counted_once() -> None:
    outcome = outcome_of(
        line("Starting TestA.test_good ..."),
        line("Starting TestA.test_bad ..."),
        line("FAIL: TestA.test_bad", "ERROR"),
        "AssertionError: 1 != 2",
        line("Starting TestA.test_skipped ..."),
        line("skipped TestA.test_skipped : no browser"),
    )
    assert count([outcome]) == "1 passed, 1 failed, 1 skipped"
    assert "AssertionError: 1 != 2" in outcome.failed[0][1]


def test_failures_of_subtests_and_of_a_class_are_failures() -> None:
    outcome = outcome_of(
        line("Starting TestA.test_parts ..."),
        line("FAIL: Subtest TestA.test_parts (n=1)", "ERROR"),
        line("ERROR: setUpClass (odoo.addons.x.TestB)", "ERROR", "odoo.tests.suite"),
    )
    assert (outcome.passed, len(outcome.failed)) == (0, 2)


def test_a_skip_without_a_reason_is_a_failure() -> None:
    outcome = outcome_of(
        line("Starting TestA.test_b ..."), line("skipped TestA.test_b : ")
    )
    assert count([outcome]) == "0 passed, 1 failed, 0 skipped"


def test_errors_of_anyone_and_warnings_about_our_addons_are_bad() -> None:
    assert bad(line("boom", "ERROR", "odoo.sql_db")) == ["boom"]
    assert bad(line("boom", "CRITICAL", "odoo.sql_db")) == ["boom"]
    assert bad(line("crm_relationship: no index", "WARNING", "odoo.sql_db"))
    assert not bad(line("slow", "WARNING", "odoo.sql_db"))
    assert not bad(line("crm_relationship loaded", "INFO", "odoo.sql_db"))


def test_what_is_counted_as_a_failed_test_is_not_bad_again() -> None:
    assert not bad(
        line("FAIL: TestA.test_bad", "ERROR"),
        line("Module x: 1 failures, 0 errors of 9 tests", "ERROR", "odoo.m"),
        line("1 failed, 0 error(s) of 9 tests when loading database 'd'", "ERROR"),
    )


def test_the_allow_list_wants_a_reason_for_each_entry(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# because\nfirst\n\nsecond\n")
    with pytest.raises(ValueError, match="no reason above 'second'"):
        logs.allow_list(path)


def test_a_line_on_the_allow_list_is_allowed() -> None:
    text = "Could not get content for mail/static/lib/selfie_segmentation"
    assert not bad(line(f"'{text}/selfie_segmentation.js.' in", "ERROR", "odoo.x"))
    assert bad(line(f"'{text}/other.js.' in", "ERROR", "odoo.x"))


def test_nothing_passed_is_not_good() -> None:
    assert not is_good([Outcome("empty")])
    assert is_good([Outcome("one", passed=1)])


def test_every_test_file_is_in_one_share() -> None:
    dealt = ",".join(addon_tests.shares(None)).split(",")
    assert len(dealt) == len(set(dealt))
    assert {ROOT / name.lstrip("/") for name in dealt} == {
        path for name in addons() for path in ROOT.glob(f"{name}/tests/test_*.py")
    }


def test_what_is_asked_for_is_one_share() -> None:
    assert addon_tests.shares("/crm_relationship:TestA") == ["/crm_relationship:TestA"]


def test_what_is_asked_for_becomes_an_expression_of_odoo() -> None:
    file = "crm_relationship/tests/test_a.py"
    assert addon_tests.tags(file) == f"/{file}"
    assert addon_tests.tags("crm_relationship/tests") == "/crm_relationship"
    assert addon_tests.tags("/crm_relationship:TestA.test_b").endswith("test_b")
