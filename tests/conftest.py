"""Which files of tests take long: `make test-fast` leaves them out."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = """
catalogue/test_bad_names catalogue/test_entries docs/test_examples docs/test_studies docs/test_tutorials fit/test_ages
fit/test_backtest fit/test_lee_carter fit/test_methods golden/test_golden kernels/test_person_year
kernels/test_placement properties/test_blocks properties/test_damaged_tables properties/test_mutations
statistical/test_accounts statistical/test_family_places statistical/test_family_years statistical/test_first_year
statistical/test_gross_moves statistical/test_kin statistical/test_people_equals_cohort statistical/test_same_answer
statistical/test_together statistical/test_words unit/test_answers unit/test_bad_inputs unit/test_bench
unit/test_by_year unit/test_calculator unit/test_care unit/test_chapter unit/test_closing unit/test_cluster
unit/test_compare unit/test_compare_finds unit/test_definitions unit/test_example_county unit/test_execution
unit/test_exports unit/test_failing unit/test_files unit/test_five_plans unit/test_group_trend unit/test_hunan
unit/test_hunan_2025 unit/test_import unit/test_kept unit/test_kernel_cache unit/test_kin_results unit/test_limits
unit/test_named_targets unit/test_natural unit/test_next_plan unit/test_page unit/test_place_errors unit/test_places
unit/test_places_registered unit/test_plot unit/test_plot_pages unit/test_published_rows unit/test_regions
unit/test_report unit/test_request unit/test_results_store unit/test_results_tiers unit/test_sense unit/test_size
unit/test_slides unit/test_terminal unit/test_workbook_printed verification/test_drivers
""".split()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow files."""
    slow = {HERE / f"{name}.py" for name in SLOW}
    missing = [str(path) for path in slow if not path.is_file()]
    if missing:
        raise pytest.UsageError(f"tests/conftest.py names files that are not there: {', '.join(missing)}")
    for item in items:
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
