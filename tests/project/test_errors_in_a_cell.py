"""How an error reads in a notebook's cell."""

import pytest

ASK = "import cxmining as cx\nfrom cxmining.experience.example import small_example\n\ncx.explore(small_example(),\n    min_cell=0)"


@pytest.fixture
def shell():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    yield shell
    shell.run_line_magic("xmode", "Context")
    InteractiveShell.clear_instance()


def test_it_says_what_is_wrong_and_which_line_asked(shell, capsys):
    shell.run_cell(ASK)
    said = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert said == [
        "\x1b[31mStudyError\x1b[0m: explore: min_cell=0: expected a whole number from 1",
        "  in line 4: cx.explore(small_example(),",
    ]


def test_all_of_it_is_there_for_who_asks(shell, capsys):
    shell.run_line_magic("xmode", "Verbose")
    shell.run_cell(ASK)
    said = capsys.readouterr().out
    assert "in explore" in said
    assert said.rstrip().endswith("StudyError: explore: min_cell=0: expected a whole number from 1")


def test_other_errors_are_shown_as_ever(shell, capsys):
    shell.run_cell("1 / 0")
    assert "Traceback" in capsys.readouterr().out
