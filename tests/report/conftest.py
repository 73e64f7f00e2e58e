import pytest
from example_run import long_touchpoints, make_run

VARIANTS = {
    "en": {},
    "nl": {"language": "nl", "word": "spread"},
    "bare": {"survey": False, "catalogue": False, "language": "nl"},
    "long": {"touchpoints": long_touchpoints()},
    "six": {"touchpoints": long_touchpoints(6)},
    "hostile": {"hostile": True},
}


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """Variant → path of its report."""
    from cxmining import write_report

    root = tmp_path_factory.mktemp("runs")
    return {name: write_report(make_run(root / name, **options)) for name, options in VARIANTS.items()}
