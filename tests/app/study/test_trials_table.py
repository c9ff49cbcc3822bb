"""Tables of trials as people and their programs write them."""

import math
from pathlib import Path

import pytest

from app.study.trials_files import copies
from app.study.trials_table import Trial, check_apart, read_trials
from core.errors import TableError

HEAD = "participant\tfile\tstart\tstop\tlabel\tvalence\tarousal"
ROWS = ("S1\ta.edf\t0\t9.5\tcalm\t0.5\t-1", "S2\tb.edf\t1e1\t20\thappy\t\t")
READ = [
    Trial(2, "S1", "a.edf", 0.0, 9.5, "calm", 0.5, -1.0),
    Trial(3, "S2", "b.edf", 10.0, 20.0, "happy", math.nan, math.nan),
]


def table(folder: Path, content: str | bytes) -> Path:
    path = folder / "trials.tsv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def same(one: Trial, other: Trial) -> bool:
    return repr(one) == repr(other)  # NaN is NaN


@pytest.mark.parametrize(
    "written",
    [
        "\n".join((HEAD, *ROWS)) + "\n",
        "\ufeff" + "\n".join((HEAD, *ROWS)),
        "\r\n".join((HEAD, *ROWS)) + "\r\n\r\n\t\t\r\n",
        "\r".join((HEAD, *ROWS)),
        "\n".join((HEAD, ROWS[0].replace("S1", "S1 "), ROWS[1].replace("S2", " S2\u00a0").replace("happy", "happy  "))),
        "\n".join((HEAD.replace("file", " File "), ROWS[0], ROWS[1] + "\t\t\t")),
        "\n".join((HEAD, ROWS[0], ROWS[1].replace("\thappy\t\t", "\thappy\tn/a\tNaN"))),
        "\n".join((HEAD, '"S1"\t"a.edf"\t0\t9.5\t"calm"\t0.5\t-1', ROWS[1].removesuffix("\t\t"))),
    ],
    ids=["plain", "mark", "windows", "mac", "spaces", "capitals and tabs", "n/a", "quotes and short rows"],
)
def test_what_can_only_be_meant_in_one_way_is_taken(tmp_path: Path, written: str):
    found = read_trials(table(tmp_path, written))
    assert len(found) == 2
    assert all(same(one, other) for one, other in zip(found, READ, strict=True))


def test_a_name_composed_in_two_ways_is_one_person(tmp_path: Path):
    path = table(tmp_path, "\n".join((HEAD, "M\u00fcller\ta\t0\t9\tcalm", "Mu\u0308ller\ta\t9\t10\thappy")))
    assert {trial.participant for trial in read_trials(path)} == {"Müller"}


def test_a_quote_within_a_word_swallows_no_rows(tmp_path: Path):
    path = table(tmp_path, "\n".join((HEAD, 'S1\ta\t0\t9\t"calm', "S2\tb\t9\t10\thappy")))
    assert [trial.label for trial in read_trials(path)] == ['"calm', "happy"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("\n".join((HEAD, *ROWS)).encode("utf-16"), "is written in UTF-16. Save it as UTF-8"),
        ("\n".join((HEAD, *ROWS)).encode("utf-16-be"), "is written in UTF-16. Save it as UTF-8"),
        ("\n".join((HEAD, *ROWS)).encode("utf-32"), "is written in UTF-16. Save it as UTF-8"),
        (
            "\n".join((HEAD, ROWS[0], "M\u00fcller\tb.edf\t0\t1\tcalm")).encode("latin-1"),
            "line 3: it is not written in",
        ),
        (b"", "lacks the columns participant, file, start, stop, label"),
        (HEAD.replace("\t", ","), "separated by tabs"),
        (HEAD + "\tlabel", "two columns label"),
        (HEAD + "\tstress\tStress", "two columns stress"),
        (f"{HEAD}\nS1\ta.edf\t9\t0\tcalm", "line 2: it goes from 9 to 0 s. Its stop must come after its start"),
        (f"{HEAD}\nS1\ta.edf\t0\tn/a\tcalm", "line 2: stop is 'n/a', which is no number"),
        (f"{HEAD}\nS1\ta.edf\t0\tinf\tcalm", "line 2: stop is 'inf', which is no number"),
        (f"{HEAD}\nS1\ta.edf\t0,5\t9\tcalm", "line 2: start is '0,5', which is no number. Write decimals with a point"),
        (f"{HEAD}\nS1\ta.edf\t0", "line 2: stop is '', which is no number"),
        (f"{HEAD}\n\n \ta.edf\t0\t9\tcalm", "line 3: it has no participant"),
        (f"{HEAD}\nS1\tn/a\t0\t9\tcalm", "line 2: it has no file"),
        (f"{HEAD}\nS1\ta.edf\t0\t9\tcalm\t7\t0", "line 2: valence is 7, but runs from -1 to 1"),
        (f"{HEAD}\nS1\ta.edf\t0\t9\tcalm\t0\t0\tmore", "line 2: it has more in it than the columns hold"),
        (f"{HEAD}\nS1\ta.edf\t0\t9\t{'x' * 200_000}", "line 2: it has more in it than the columns hold"),
        (f"{HEAD}\nS1\ta.edf\t1_0\t90\tcalm", "line 2: start is '1_0', which is no number"),
        (
            f"{HEAD}\nS1\ta.edf\t0\t9\tcalm\nS2\t./a.edf\t20\t29\tcalm",
            "line 3: a.edf is of S2 here and of S1 in line 2",
        ),
        (f"{HEAD}\nS2\ta.edf\t0\t9\tcalm\ns2\ta.edf\t9\t10\tcalm", "line 3: the participant 's2' is 'S2' in line 2"),
        (f"{HEAD}\nS2\ta.edf\t0\t9\tcalm\nS2\ta.edf\t9\t10\tCalm", "line 3: the label 'Calm' is 'calm' in line 2"),
    ],
)
def test_everything_else_is_told_in_one_line_with_what_to_do(tmp_path: Path, written: str | bytes, words: str):
    with pytest.raises(TableError) as error:
        read_trials(table(tmp_path, written))
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("column", "first", "other"),
    [
        ("participant", "1", "01"),
        ("participant", "S 1", "S\u00a01"),
        ("label", "very sad", "very  sad"),
        ("label", "1", "1.0"),
        ("stimulus", "10", "10.0"),
        ("stimulus", "film_007", "film_7"),
        ("group", "Couple 1", "couple 1"),
    ],
)
def test_a_name_that_was_typed_in_two_ways_is_told(tmp_path: Path, column: str, first: str, other: str):
    head = ["participant", "file", "start", "stop", "label", "stimulus", "group"]
    rows = [["S1", "a.edf", "0", "9", "calm", "film", ""], ["S2", "b.edf", "10", "20", "calm", "film", ""]]
    for row, name in zip(rows, (first, other), strict=True):
        row[head.index(column)] = name
    with pytest.raises(TableError, match="line 3: the " + column + " .* in line 2. Write it in one way"):
        read_trials(table(tmp_path, "\n".join("\t".join(row) for row in [head, *rows])))


@pytest.mark.parametrize(
    "names", [("1.1", "1.10"), ("1", "10"), ("S1", "S11"), ("a1", "a 1"), ("0.5", "5"), ("100", "1")]
)
def test_names_that_are_two_stay_two(tmp_path: Path, names: tuple[str, str]):
    rows = [f"{name}\t{name}.edf\t0\t9\t{name}" for name in names]
    assert [trial.label for trial in read_trials(table(tmp_path, "\n".join((HEAD, *rows))))] == list(names)


def test_a_file_and_a_film_by_two_spellings_are_one(tmp_path: Path):
    for name in ("a.edf", "a.mkv", "b.edf"):
        (tmp_path / name).touch()
    (tmp_path / "also.edf").symlink_to(tmp_path / "a.edf")
    files = [
        ("a.edf", "a.mkv"),
        ("./a.edf", "./a.mkv"),
        (str(tmp_path / "a.edf"), str(tmp_path / "a.mkv")),
        ("also.edf", ""),
    ]
    rows = [f"S1\t{file}\t{9 * k}\t{9 * k + 9}\tcalm\t\t\t{video}" for k, (file, video) in enumerate(files)]
    found = read_trials(table(tmp_path, "\n".join((HEAD + "\tvideo", *rows, "S2\tb.edf\t0\t9\tsad"))))
    assert [trial.file for trial in found] == [*4 * ["a.edf"], "b.edf"]
    assert [trial.video for trial in found] == [*3 * ["a.mkv"], "", ""]


def test_a_film_that_is_two_peoples_is_told(tmp_path: Path):
    rows = ("S1\ta.edf\t0\t9\tcalm\t\t\tx.mkv", "S2\tb.edf\t0\t9\tcalm\t\t\t./x.mkv")
    with pytest.raises(TableError, match=r"line 3: .*x.mkv is of S2 here and of S1 in line 2. .* one person's face"):
        read_trials(table(tmp_path, "\n".join((HEAD + "\tvideo", *rows))))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("0\t20 5\t10", "line 3: it goes from 5 to 10 s, and line 2 from 0 to 20 s of the same file"),
        ("5\t10 0\t20", "line 3: it goes from 0 to 20 s, and line 2 from 5 to 10 s of the same file"),
        ("0\t20 0\t20", "line 3: it goes from 0 to 20 s, and line 2 from 0 to 20 s"),
        (
            "0\t20 3\t4 18\t30",
            "line 3: it goes from 3 to 4 s|line 4: it goes from 18 to 30 s, and line 2 from 0 to 20 s",
        ),
        ("0\t20 20\t30 28.9\t40", "line 4: it goes from 28.9 to 40 s, and line 3 from 20 to 30 s"),
    ],
)
def test_trials_over_each_other_are_told(tmp_path: Path, rows: str, words: str):
    path = table(tmp_path, "\n".join((HEAD, *(f"S1\ta.edf\t{row}\tcalm" for row in rows.split(" ")))))
    with pytest.raises(TableError, match=words):
        check_apart(path, read_trials(path))


def test_trials_that_touch_or_lie_in_other_files_are_taken(tmp_path: Path):
    rows = ("S1\ta.edf\t0\t20\tcalm", "S1\ta.edf\t19.2\t30\tsad", "S1\tb.edf\t0\t20\tcalm", "S1\ta.edf\t30\t40\tcalm")
    path = table(tmp_path, "\n".join((HEAD, *rows)))
    check_apart(path, read_trials(path))


def test_na_among_labels_is_asked_about_and_alone_is_none(tmp_path: Path):
    """R writes it for none; people mean negative affect by it, and a class would go unseen."""
    rows = ["S1\ta.edf\t0\t20\tPA", "S1\ta.edf\t20\t40\tNA"]
    with pytest.raises(TableError, match="line 3: the label 'NA' may be none, or a class"):
        read_trials(table(tmp_path, "\n".join((HEAD, *rows))))
    found = read_trials(table(tmp_path, "\n".join((HEAD, rows[0].replace("PA", "NA"), rows[1]))))
    assert [trial.label for trial in found] == ["", ""]


def test_a_copy_of_another_persons_file_is_told(tmp_path: Path):
    content = bytes(range(256)) * 100
    (tmp_path / "a.edf").write_bytes(content)
    path = table(tmp_path, "\n".join((HEAD, "S1\ta.edf\t0\t9\tcalm", "S2\tb.edf\t0\t9\tsad")))
    (tmp_path / "b.edf").write_bytes(content[:-1] + b"x")
    assert list(copies(path, read_trials(path))) == []
    (tmp_path / "b.edf").write_bytes(content)
    (told,) = copies(path, read_trials(path))
    assert told.startswith("trials.tsv, line 3: b.edf, of S2, is a copy of a.edf, of S1 in line 2")
