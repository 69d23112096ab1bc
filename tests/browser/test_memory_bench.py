"""The memory bench in a browser: its arithmetic, every control, what it shows, static and live."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import Frame, Locator, expect

from rnn_edu.widgets import MemoryBench
from rnn_edu.widgets.memory_bench import LETTERS, RULES, at_equal_angles, mean_error

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=document.body.remove()>"
NUMBERS = "nodes => nodes.map((e) => e.textContent)"
FILLED = "nodes => nodes.map((e) => +e.style.transform.match(/\\((.*)\\)/)[1])"


def frame(page) -> Frame:
    return next(frame for frame in page.frames if frame.parent_frame is not None)


@pytest.fixture
def view(static_page) -> Frame:
    return frame(static_page(MemoryBench(writes="ABCA", chosen=1)))


def text(v: float) -> str:
    return f"{v:z.2f}".replace("-", "\u2212")


def texts(v: np.ndarray) -> list[str]:
    return [text(value) for value in np.ravel(v)]


def shows(view: Frame | Locator, **state) -> None:
    """Counter, matrix, list, errors and sentences are those of a bench in that state."""
    bench = MemoryBench(**state)
    series, (keys, values), S, d = (
        bench.series(), bench.parameters(), bench.memory(), bench.sizes[3]
    )  # fmt: skip
    n, chosen, reads = len(series), bench.chosen, bench.reads()
    letter, found = LETTERS[chosen], reads.get(LETTERS[chosen])
    expect(view.locator(".counter")).to_have_text(f"n = {n} write{'s' * (n != 1)}")
    means = [text(mean_error(bench.reads(rule))) for rule in RULES] if n else ["–"] * 3
    expect(view.locator(".mean b")).to_have_text(means)
    expect(view.locator(".rule :checked")).to_have_attribute("aria-label", bench.rule)
    expect(view.locator("td.k")).to_have_text(texts(keys[chosen]))
    expect(view.locator("td.S")).to_have_text(texts(S))
    wanted = found.wanted if found else values[chosen, 0]
    expect(view.locator("td.v")).to_have_text(texts(np.stack([wanted, keys[chosen] @ S])))
    missing = texts(wanted - found.read) if found else [""] * d
    expect(view.locator("td.plain")).to_have_text(missing)
    expect(view.locator("label.row b")).to_have_text(
        [text(reads[name].error) if name in reads else "" for name in LETTERS[: bench.sizes[2]]]
    )
    expect(view.locator("ol strong")).to_have_text([LETTERS[i] for i, _ in series])
    shares = view.locator("ol b").evaluate_all(NUMBERS)
    parts = np.array([float(share.replace("\u2212", "-")) for share in shares])
    written = np.array([values[i, count % 4] for i, count in series]).reshape(n, d)
    assert np.abs(parts @ written - keys[chosen] @ S).max() < 0.005 * max(n, 1)
    said = view.locator(".caption")
    if found:
        expect(said).to_contain_text(f"{letter} reads with a squared error of {text(found.error)}")
    elif n:
        expect(said).to_contain_text(f"{letter} was never written")
    else:
        expect(said).to_contain_text("Nothing is written")
    if n:
        angles = bench.kind == "angles"
        expected = (n - 1) * (bench.cosine**2 if angles else 1 / d)
        how = "cosine²" if angles else f"/ {d}"
        expect(said).to_contain_text(
            f"expected for sums if all {n} keys differ: ({n} − 1) {how} = {text(expected)}."
        )


# --- the arithmetic ------------------------------------------------------------------------------

_RUN = """async ([source, runs]) => {
  const js = await import(`data:text/javascript;base64,${source}`);
  return runs.map(([keys, values, k, rule, strengths]) => {
    const writes = keys.map((k, m) => ({ k, v: values[m] })), zeros = k.map(() => k.map(() => 0));
    const S = writes.reduce((before, one) => js.store(before, one, rule, strengths), zeros);
    return [S, js.read(S, k), js.shares(writes, k, rule, strengths)];
  });
}"""


def test_javascript_remembers_as_numpy_does(new_page):
    benches = [
        MemoryBench(d, seed=d, writes="ABCADDBA", rule=rule, decay=0.7, beta=beta, **options)
        for rule in RULES
        for d in (2, 4, 6)
        for beta in (1.0, 0.3)
        for options in ({}, {"kind": "angles", "cosine": 0.6})
    ]
    runs = []
    for bench in benches:
        keys, values = bench.parameters()
        series = bench.series()
        runs.append([
            [keys[i].tolist() for i, _ in series], [values[i, n % 4].tolist() for i, n in series],
            keys[1].tolist(), bench.rule, {"decay": bench.decay, "beta": bench.beta},
        ])  # fmt: skip
    source = base64.b64encode(benches[0]._esm.encode()).decode()
    got = new_page().evaluate(_RUN, [source, runs])
    for bench, (_, values, k, *_), (S, read, shares) in zip(benches, runs, got, strict=True):
        np.testing.assert_allclose(S, bench.memory(), rtol=0, atol=1e-12)
        np.testing.assert_allclose(read, np.array(k) @ bench.memory(), rtol=0, atol=1e-12)
        np.testing.assert_allclose(np.array(shares) @ values, read, rtol=0, atol=1e-12)


def test_the_shares_of_a_sum_are_cosines_and_an_overwritten_value_has_none(new_page):
    bench = MemoryBench(writes="ABCDEFGHA")
    (keys, values), series = bench.parameters(), bench.series()
    run = [[keys[i].tolist() for i, _ in series], [values[i, n].tolist() for i, n in series]]
    run.append(keys[0].tolist())
    strengths = {"decay": 0.5, "beta": 1}
    source = base64.b64encode(bench._esm.encode()).decode()
    runs = [[*run, rule, strengths] for rule in RULES]
    plain, faded, delta = (np.array(r[2]) for r in new_page().evaluate(_RUN, [source, runs]))
    cosines = np.array(run[0]) @ keys[0]
    np.testing.assert_allclose(plain, cosines, rtol=0, atol=1e-12)
    np.testing.assert_allclose(faded, cosines * 0.5 ** np.arange(8, -1, -1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(delta, [*[0.0] * 8, 1.0], rtol=0, atol=1e-6)


def test_javascript_places_keys_as_numpy_does(new_page):
    source = base64.b64encode(MemoryBench()._esm.encode()).decode()
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    got = new_page().evaluate(
        """async ([source, axes, cosines]) => {
          const js = await import(`data:text/javascript;base64,${source}`);
          return cosines.map((cosine) => js.atEqualAngles(axes, cosine));
        }""",
        [source, axes.tolist(), [0, 0.35, 1]],
    )
    for keys, cosine in zip(got, (0, 0.35, 1), strict=True):
        np.testing.assert_allclose(keys, at_equal_angles(axes, cosine), rtol=0, atol=1e-12)


# --- controls ------------------------------------------------------------------------------------


def test_writing_overwriting_and_taking_back(view):
    shows(view, writes="ABCA", chosen=1)
    view.get_by_role("button", name="Overwrite B").click()
    shows(view, writes="ABCAB", chosen=1)
    view.get_by_role("button", name="Write next: D").press("Enter")
    shows(view, writes="ABCABD", chosen=3)
    view.get_by_role("button", name="Undo").click()
    shows(view, writes="ABCAB", chosen=3)
    expect(view.locator(".caption")).to_contain_text("the memory answers all the same")
    view.get_by_role("button", name="Clear").click()
    shows(view, writes="", chosen=3)
    for name in ("Undo", "Clear"):
        expect(view.get_by_role("button", name=name)).to_be_disabled()


def test_the_list_reads_writes_and_takes_back_by_keys(view):
    key = view.get_by_role("radiogroup", name="key that reads").get_by_role("radio")
    key.nth(1).press("ArrowDown")
    shows(view, writes="ABCA", chosen=2)
    key.nth(2).press("Enter")
    shows(view, writes="ABCAC", chosen=2)
    key.nth(2).press("Backspace")
    key.nth(2).press("Backspace")
    shows(view, writes="ABC", chosen=2)
    view.locator("label.row").nth(5).click()
    shows(view, writes="ABC", chosen=5)
    key.nth(4).press("Enter")  # whatever is chosen
    shows(view, writes="ABCE", chosen=4)
    expect(key.nth(0)).to_have_accessible_name(re.compile("^A: written once, squared error "))
    expect(key.nth(5)).to_have_accessible_name("F: never written")


def test_the_rule_and_its_strength(view):
    page = view.page
    view.get_by_role("radio", name="delta").click()
    shows(view, writes="ABCA", chosen=1, rule="delta")
    view.get_by_role("radio", name="delta").press("ArrowUp")
    shows(view, writes="ABCA", chosen=1, rule="decay")
    view.get_by_label("beta").press("ArrowLeft")  # a rule is chosen with its slider
    shows(view, writes="ABCA", chosen=1, rule="delta", beta=0.95)
    box = view.get_by_label("decay").and_(view.locator("[type=range]")).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(view.locator(".rule :checked")).to_have_attribute("aria-label", "decay")
    decay = float(view.locator(".rule [type=range]").first.input_value())
    assert 0.4 < decay < 0.6
    shows(view, writes="ABCA", chosen=1, rule="decay", decay=decay, beta=0.95)
    expect(view.locator(".rule").nth(1)).to_contain_text(f"{decay:.2f} S + k vᵀ")


def test_keys_random_or_at_equal_angles(view):
    other = view.get_by_role("button", name="Other keys")
    other.click()
    shows(view, writes="ABCA", chosen=1, draw=1)
    for _ in range(7):
        other.press("Enter")
    shows(view, writes="ABCA", chosen=1)
    cosine = view.get_by_label("cosine between any two keys")
    expect(cosine).to_be_disabled()
    view.get_by_role("combobox", name="keys").select_option("at equal angles")
    shows(view, writes="ABCA", chosen=1, kind="angles")
    for _ in range(4):
        cosine.press("ArrowRight")
    shows(view, writes="ABCA", chosen=1, kind="angles", cosine=0.2)
    cosine.press("End")
    shows(view, writes="ABCA", chosen=1, kind="angles", cosine=1.0)


def test_only_d_keys_are_at_equal_angles(static_page):
    view = frame(static_page(MemoryBench(2, writes="ADBC", chosen=3, kind="angles")))
    shows(view, d=2, writes="AB", chosen=1, kind="angles")  # the chosen one does not exist
    gone = view.get_by_role("radio", name="C: no such key, 2 directions are taken")
    expect(gone).to_be_disabled()
    expect(view.get_by_role("button", name="All written")).to_be_disabled()
    view.get_by_role("combobox", name="keys").select_option("random")
    shows(view, d=2, writes="ADBC", chosen=3)


def test_it_is_full_at_24_writes(static_page):
    view = frame(static_page(MemoryBench(writes="AB" * 11 + "A", chosen=1)))
    view.get_by_role("button", name="Overwrite B").click()
    shows(view, writes="AB" * 12, chosen=1)
    expect(view.get_by_role("button", name="Overwrite B")).to_be_disabled()
    expect(view.get_by_role("button", name="Write next: C")).to_be_disabled()
    view.get_by_role("radio", name="B: ").press("Enter")
    expect(view.locator(".counter")).to_have_text("n = 24 writes")


def test_bars_show_shares_and_errors(view):
    bench = MemoryBench(writes="ABCA")
    keys, _ = bench.parameters()
    cosines = np.array([keys[i] @ keys[1] for i, _ in bench.series()])
    bars = view.locator("ol i").evaluate_all(FILLED)
    np.testing.assert_allclose(bars, cosines / max(1, np.abs(cosines).max()), atol=1e-6)
    expect(view.locator("ol li.last strong")).to_have_text("B")
    errors = [found.error for found in bench.reads().values()]
    bars = view.locator("label.row .bar i").evaluate_all(FILLED)
    np.testing.assert_allclose(bars, [*np.array(errors) / max(errors), *[0] * 5], atol=1e-6)
    expected = view.locator(".list").evaluate("e => e.style.getPropertyValue('--expected')")
    assert float(expected.strip("%")) == pytest.approx(100 * 0.75 / max(errors), rel=1e-6)


def test_screen_readers_hear_what_a_write_did(view):
    live = view.locator("[aria-live=polite]")
    expect(live).to_be_empty()
    view.get_by_role("button", name="Overwrite B").click()
    expect(live).to_contain_text("B reads with a squared error of ")


# --- whom it serves, and edges -------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "d", "n_keys"), [("light", 4, 8), ("dark", 6, 12)])
def test_axe_finds_nothing_and_all_fits(static_page, axe, overflow, scheme, d, n_keys):
    writes = (3 * LETTERS[:n_keys])[:24]
    bench = MemoryBench(d, n_keys=n_keys, writes=writes, rule="decay", title=HOSTILE)
    page = static_page(bench, color_scheme=scheme)
    view = frame(page)
    expect(view.locator(".rnn-edu")).to_have_attribute("data-theme", scheme)
    expect(view.locator(".title")).to_have_text(HOSTILE)
    expect(view.locator("ol li")).to_have_count(24)
    assert axe(view) == ""
    for width in (1280, 700, 375):
        page.set_viewport_size({"width": width, "height": 1000})
        assert overflow(view) == [0, 0], width
    assert axe(view) == ""


def test_live_it_talks_to_python(lab, in_lab):
    code = "from rnn_edu.widgets import MemoryBench\nw = MemoryBench(writes='AB')\nw"
    page = in_lab(lab.write("memory_bench.ipynb", [code]))
    lab.run_all(page)
    view = page.locator(".rnn-edu")
    view.get_by_role("radio", name="delta").click()
    view.get_by_role("radio", name="A: ").press("Enter")
    lab.hears(page, "w.rule, w.writes, w.words.count('ABA')", "delta ABA 1")
    lab.ask(page, "w.kind, w.cosine, w.writes, w.chosen = 'angles', 0.5, 'ABCD', 3")
    shows(view, kind="angles", cosine=0.5, writes="ABCD", chosen=3, rule="delta")
