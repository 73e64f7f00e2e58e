"""The study file: what it accepts, and that each mistake is named with file, key, value and choices."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmining.errors import StudyError
from cxmining.study import Study, load_study, parse_study

MINIMAL = """
name = "small"
[[source]]
name = "mail"
path = "mail.mbox"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def message(folder: Path, text: str, overrides: tuple[str, ...] = ()) -> str:
    with pytest.raises(StudyError) as caught:
        load_study(write(folder, text), overrides)
    return str(caught.value)


def test_the_smallest_study_has_sensible_defaults(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, MINIMAL))
    assert study.sources[0].format == "auto"
    assert study.privacy.min_cell == 10
    assert study.privacy.text == "none"
    assert study.root == tmp_path


def test_a_folder_is_its_study(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL)
    assert load_study(tmp_path).name == "small"


def test_a_resolved_study_is_read_back_as_itself(tmp_path: Path) -> None:
    study = load_study(write(tmp_path, MINIMAL))
    again = parse_study(study.as_dict(), tmp_path)
    assert again == study
    assert "root" not in study.as_dict()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MINIMAL + "[driver]\n", ["unknown key 'driver'", "did you mean 'drivers'"]),
        (MINIMAL + 'formt = "mbox"\n', ["unknown key 'source[1].formt'", "'format'"]),
        (MINIMAL + 'format = "mbx"\n', ["source[1].format = 'mbx'", "'mbox'", "'asterisk'"]),
        (MINIMAL + 'tz = "Europe/Amsterdm"\n', ["source[1].tz = 'Europe/Amsterdm'", "Europe/Amsterdam"]),
        (MINIMAL + '[drivers]\ntarget = "nsp"\n', ["drivers.target = 'nsp'", "'nps'"]),
        (MINIMAL + "[privacy]\nmin_cell = 0\n", ["privacy.min_cell = 0"]),
        (MINIMAL + '[[source]]\nname = "mail"\npath = "b"\n', ["source names must differ", "'mail'"]),
        (MINIMAL + 'survey = "nps"\n', ["survey = 'nps' is not declared"]),
        (MINIMAL.replace("mail.mbox", "/etc/passwd"), ["source[1].path = '/etc/passwd'", "relative"]),
        (MINIMAL.replace("mail.mbox", "../mail.mbox"), ["stay below"]),
        ('name = "x"\n', ["'source' is missing"]),
        ('name = "x"\nsource = []\n', ["no [[source]]", "cxmining inspect"]),
        ("name = \n", ["is not TOML"]),
        (
            MINIMAL + '[[survey]]\nname = "r"\nkind = "relationship"\nlink = "reference"\n',
            ["relationship", 'link must be "customer"'],
        ),
        (
            MINIMAL + '[[survey]]\nname = "r"\nkind = "relationship"\n'
            '[[survey.item]]\ncolumn = "Q1"\nmetric = "nps"\nlow = 10\nhigh = 0\n',
            ["survey[1].item[1]", "low (10) must be below high (0)"],
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: list[str]) -> None:
    said = message(tmp_path, text)
    assert "study.toml" in said
    for words in says:
        assert words in said


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    said = message(tmp_path, MINIMAL + 'formt = 1\n[drivers]\ntarget = "x"\n')
    assert "formt" in said
    assert "drivers.target" in said


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cxmining init"):
        load_study(tmp_path / "none.toml")


def test_overrides_win_and_are_checked(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL)
    study = load_study(path, ["drivers.target=nps", "seed=7", "journeys.gap=14D", "privacy.min_cell = 5"])
    assert (study.drivers.target, study.seed, study.journeys.gap, study.privacy.min_cell) == ("nps", 7, "14D", 5)
    assert "drivers.target = 'nsp'" in message(tmp_path, MINIMAL, ("drivers.target=nsp",))
    assert "expected key=value" in message(tmp_path, MINIMAL, ("drivers.target",))
    assert "list" in message(tmp_path, MINIMAL, ("source.name=x",))


def test_default_links_follow_the_kind_of_survey(tmp_path: Path) -> None:
    text = MINIMAL + "".join(
        f'[[survey]]\nname = "{k}"\nkind = "{k}"\n' for k in ("relationship", "journey", "transactional")
    )
    study: Study = load_study(write(tmp_path, text))
    assert [s.link for s in study.surveys] == ["customer", "journey", "reference"]
    assert study.survey("journey").kind == "journey"
    with pytest.raises(StudyError, match="no survey 'jurney'; did you mean 'journey'"):
        study.survey("jurney")
