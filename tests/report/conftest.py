import pytest
from example_run import long_touchpoints, make_run

CODES = [
    (name, name, name, "service", "web", "Owner", 0.4, None, None)
    for name in (
        "A_PREACCEPTED",
        "W_Completeren aanvraag",
        "handleInsuranceApplicationRequest",
        "betalingsherinnering",
        "O_SENT_BACK",
        "A_CANCELLED",
    )
]

VARIANTS = {
    "en": {},
    "nl": {"language": "nl", "word": "spread"},
    "bare": {"survey": False, "catalogue": False, "language": "nl"},
    "long": {"touchpoints": long_touchpoints()},
    "six": {"touchpoints": long_touchpoints(6)},
    "hostile": {"hostile": True},
    "codes": {"touchpoints": CODES, "survey": False, "catalogue": False},
}


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """Variant → path of its report."""
    from cxmining import write_report

    root = tmp_path_factory.mktemp("runs")
    return {name: write_report(make_run(root / name, **options)) for name, options in VARIANTS.items()}
