"""Numbers over time: sunspots, month-end prices of five stocks, and any such file of one's own."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..ops import Array

FORMS = {4: "Y", 7: "M", 10: "D"}  # letters of 2008, 2008-12, 2008-12-31


class Series(NamedTuple):
    """Numbers in the order of their dates, one row per date."""

    dates: Array  # (N,) datetime64, in years, months or days as the file has them
    values: Array  # (N, D)
    names: tuple[str, ...]  # D of them, one per column


def read_series(path: str | Path, *, gaps: bool = False) -> Series:
    """Read a series of one's own: a CSV file with a line of names, then one line per date.

    path: the file, UTF-8. Its first column holds dates written 2008, 2008-12 or 2008-12-31, all in
    one form, each later than the one before; all others hold numbers with a decimal point.
    gaps: whether dates may be left out (weekends, say) and values may be missing. An empty field
    is then NaN. If False, dates must be evenly spaced and every field filled: a network that reads
    step by step would take the next date for the next step.
    Raises ValueError naming the line and the column of the first thing that is wrong.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        rows = [(reader.line_num, [field.strip() for field in row]) for row in reader if any(row)]
    if not rows:
        raise ValueError(f"{Path(path).name} must start with a line of column names, got nothing")
    (_, names), *rows = rows
    if _as_date(names[0]) is not None:
        raise ValueError(f"line 1 must hold the names of the columns, got {','.join(names)!r}")
    if len(names) < 2 or not rows:
        raise ValueError(
            f"{Path(path).name} must have a column of dates, one or more of numbers, and at least"
            f" one line below the names, got {len(names)} columns and {len(rows)} lines"
        )
    dates, values = [], []
    for line, row in rows:
        if len(row) != len(names):
            raise ValueError(f"line {line} must have {len(names)} fields, got {len(row)}")
        dates.append(_date(row[0], f"line {line}, column {names[0]!r}", dates))
        places = (f"line {line}, column {name!r}" for name in names[1:])
        values.append([_value(f, w, gaps) for f, w in zip(row[1:], places, strict=True)])
    found = np.array(dates)
    if not gaps:
        _check_even(found, [line for line, _ in rows], names[0])
    return Series(found, np.array(values), tuple(names[1:]))


def load_sunspots(every: str = "month") -> Series:
    """Mean sunspot numbers: of 3,120 months from 1749 to 2008, or of 309 years from 1700 on.

    every: "month" or "year". Values: (N, 1), 0 at the quietest. The scale is the one in use until
    2015; what observatories publish today is about 1.4 times as high.
    To beat, square roots of the next 12 months, asked from 1983 on: a mean absolute error of 1.51
    for "no change", 1.11 for a linear autoregression on 132 months.
    Source: National Geophysical Data Center, USA, as the Python package statsmodels carries it;
    public domain.
    Raises ValueError for any other word.
    """
    if every == "year":
        return _beside("sunspots_yearly.csv")
    if every != "month":
        raise ValueError(f'every must be "month" or "year", got {every!r}')
    years, values, _ = _beside("sunspots_monthly.csv")  # a line per year, a column per month
    first = years[0].astype("datetime64[M]")
    return Series(first + np.arange(values.size), values.reshape(-1, 1), ("sunspots",))


def load_stocks() -> dict[str, Series]:
    """Month-end prices in US dollars of five stocks, March 2000 to February 2013, by ticker.

    AAPL, IBM and MSFT: 156 months; GOOG from August 2004, 103; FB from May 2012, 10.
    Values: (N, 1), adjusted for splits and dividends with what was known years later: the ratio of
    two of them is what an owner earned, but nobody was ever asked such a price.
    To beat: "no change", a forecast of zero for every return.
    Source: Quandl WIKI Prices, declared public domain by their publisher, as the Python package
    bokeh_sampledata 2026.1 carries them.
    """
    dates, values, names = _beside("stocks_monthly.csv", gaps=True)
    there = np.isfinite(values)
    return {
        name: Series(dates[there[:, k]], values[there[:, k], k, None], (name,))
        for k, name in enumerate(names)
    }


def _beside(file: str, gaps: bool = False) -> Series:
    return read_series(Path(__file__).with_name(file), gaps=gaps)


def _date(field: str, where: str, before: list[Any]) -> np.datetime64:
    """A date in the form of, and later than, those before it."""
    date = _as_date(field)
    if date is None:
        raise ValueError(f"{where} must be a date like 2008, 2008-12 or 2008-12-31, got {field!r}")
    if before and date.dtype != before[-1].dtype:
        raise ValueError(f"{where} must be a date in the form of {before[-1]}, got {field!r}")
    if before and date <= before[-1]:
        raise ValueError(f"{where} must be later than {before[-1]}, got {field!r}")
    return date


def _as_date(field: str) -> np.datetime64 | None:
    try:
        return np.datetime64(field, FORMS[len(field)])
    except (KeyError, ValueError):
        return None


def _value(field: str, where: str, gaps: bool) -> float:
    if not field and gaps:
        return np.nan
    try:
        value = float(field)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise ValueError(f"{where} must be a number, got {field!r}")
    return value


def _check_even(dates: Array, lines: list[int], column: str) -> None:
    """Raise ValueError at the first date that does not follow at the distance of the first two."""
    steps = np.diff(dates)
    if (bad := np.flatnonzero(steps != steps[:1])).size:
        k = bad[0] + 1
        raise ValueError(
            f"line {lines[k]}, column {column!r} must be {dates[k - 1] + steps[0]}, got {dates[k]}:"
            " fill the gap, or read with gaps=True"
        )
