import pytest
from example_run import long_touchpoints, make_run
from open_pages import CHROMIUM, FLAGS, Pages

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


class Reports(dict):
    """Variant → path of its report, written when it is first asked for."""

    def __init__(self, root):
        super().__init__()
        self.root = root

    def __missing__(self, name):
        from cxmining import write_report

        self[name] = write_report(make_run(self.root / name, **VARIANTS[name]))
        return self[name]


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    return Reports(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def pages():
    """One browser and one page per report and width for the whole file: loading is what takes time."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as p:
        started = p.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield Pages(started)
        started.close()
