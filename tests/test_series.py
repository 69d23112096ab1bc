"""Series: the shipped numbers, and what a reader's own file may and may not hold."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from rnn_edu.data import load_stocks, load_sunspots, read_series
from rnn_edu.data import series as module

SHA256 = ["74b8e3acb988", "abc5f0dcf085", "bd34708458bc"]


@pytest.fixture
def file(tmp_path):
    def write(text: str):
        path = tmp_path / "own.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# --- what ships ---------------------------------------------------------------------------------


def test_the_shipped_files_are_the_documented_ones():
    folder = module.Path(module.__file__).parent
    names = ("sunspots_yearly.csv", "sunspots_monthly.csv", "stocks_monthly.csv")
    assert [hashlib.sha256((folder / n).read_bytes()).hexdigest()[:12] for n in names] == SHA256


def test_sunspots_are_the_documented_ones():
    months, years = load_sunspots(), load_sunspots("year")
    assert months.values.shape == (3120, 1)
    assert [str(d) for d in months.dates[[0, 12, -1]]] == ["1749-01", "1750-01", "2008-12"]
    assert [str(d) for d in years.dates[[0, -1]]] == ["1700", "2008"]
    assert months.values[:3, 0].tolist() == [58.0, 62.6, 70.0]
    assert months.names == years.names == ("sunspots",)
    assert (np.diff(months.dates) == 1).all()


def test_months_and_years_are_the_same_sun():
    """Two files, one sun: a month in the wrong place would show in the means."""
    means = load_sunspots().values.reshape(-1, 12).mean(axis=1)
    assert np.abs(means - load_sunspots("year").values[49:, 0]).max() < 0.5


def test_stocks_are_the_documented_ones():
    stocks = load_stocks()
    lengths = {name: len(s.dates) for name, s in stocks.items()}
    assert lengths == {"AAPL": 156, "FB": 10, "GOOG": 103, "IBM": 156, "MSFT": 156}
    for name, (dates, values, names) in stocks.items():
        assert values.shape == (len(dates), 1)
        assert np.isfinite(values).all()
        assert (np.diff(dates) == 1).all()  # a gap inside would be no month-to-month return
        assert names == (name,)
        assert str(dates[-1]) == "2013-02"


def test_other_units_of_time_are_refused():
    with pytest.raises(ValueError, match='every must be "month" or "year", got \'day\''):
        load_sunspots("day")


# --- one's own ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "unit"),
    [
        (("1999", "2000", "2001"), "Y"),
        (("1999-12", "2000-01", "2000-02"), "M"),
        (("2000-02-28", "2000-02-29", "2000-03-01"), "D"),
        (("2000-02-21", "2000-02-28", "2000-03-06"), "D"),  # weeks
    ],
)
def test_a_file_of_ones_own_is_read(file, dates, unit):
    lines = [f"{d}, {k}.5 ,{-k}e-3" for k, d in enumerate(dates)]
    text = "\ufeffwhen,rain,snow\r\n\r\n" + "\r\n".join(lines) + "\r\n"
    found, values, names = read_series(file(text))
    assert found.dtype == f"datetime64[{unit}]"
    assert [str(d) for d in found] == list(dates)
    assert np.allclose(values, [[0.5, 0], [1.5, -0.001], [2.5, -0.002]])
    assert names == ("rain", "snow")


def test_gaps_are_read_where_they_are_meant(file):
    path = file("day,price\n2013-02-01,3\n2013-02-04,\n2013-02-05,4\n")
    found, values, _ = read_series(path, gaps=True)
    assert [str(d) for d in found] == ["2013-02-01", "2013-02-04", "2013-02-05"]
    assert np.isnan(values[:, 0]).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "own.csv must start with a line of column names, got nothing"),
        ("year,n\n", "got 2 columns and 0 lines"),
        ("year;n\n1700;5\n", "got 1 columns and 1 lines"),
        ("1700,5\n1701,11\n", "line 1 must hold the names of the columns, got '1700,5'"),
        ("year,n\n1700,5,6\n", "line 2 must have 2 fields, got 3"),
        ("year,n\n\n1700,5\n1701\n", "line 4 must have 2 fields, got 1"),
        ("year,n\n1700,5\nMay 1701,6\n", "line 3, column 'year' must be a date like 2008"),
        ("year,n\n1700,5\n1701-13,6\n", "line 3, column 'year' must be a date like 2008"),
        ("year,n\n1700,5\n1701-01,6\n", "line 3, column 'year' must be a date in the form of 1700"),
        ("year,n\n1700,5\n1700,6\n", "line 3, column 'year' must be later than 1700, got '1700'"),
        ("year,n\n1701,5\n1700,6\n", "line 3, column 'year' must be later than 1701, got '1700'"),
        ("year,n,m\n1700,5,1\n1701,6,\n", "line 3, column 'm' must be a number, got ''"),
        ("year,n\n1700,5\n1701,six\n", "line 3, column 'n' must be a number, got 'six'"),
        ("year,n\n1700,5\n1701,nan\n", "line 3, column 'n' must be a number, got 'nan'"),
        ("year,n\n1700,5\n1701,6\n1703,7\n", "line 4, column 'year' must be 1702, got 1703"),
        ("m,n\n2000-11,5\n2000-12,6\n2001-02,7\n", "line 4, column 'm' must be 2001-01, got"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(file, text, says):
    with pytest.raises(ValueError, match=says):
        read_series(file(text))


@pytest.mark.parametrize("field", ["six", "inf"])
def test_a_word_is_no_gap(file, field):
    with pytest.raises(ValueError, match="line 2, column 'n' must be a number"):
        read_series(file(f"year,n\n1700,{field}\n"), gaps=True)
