"""How soon a key is seen: `python -m tests.bench keys`

In one real JupyterLab, in turns: the hidden-state view at T = 200, H = 64; an
`ipywidgets.interact` whose slider makes matplotlib draw the same heat map and cursor; and a number
that a key counts up. Milliseconds from the key's event until the frame that shows it is drawn.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import ElementHandle, Page

from tests.browser import lab as jupyter
from tests.numerics import ROOT

from .browsing import chromium
from .timing import Spread, table

ROUNDS = 30
CELLS = [
    """\
import ipywidgets, matplotlib.pyplot as plt, numpy as np
from rnn_edu import Trace
from rnn_edu.widgets import HiddenState
h = np.tanh(np.random.default_rng(0).normal(size=(200, 1, 64)).cumsum(axis=0) / 3)
HiddenState(Trace({"h": h}, tuple(str(t) for t in range(200))))
""",
    """\
def draw(t):
    fig, ax = plt.subplots(figsize=(8, 4))
    ax.imshow(h[:, 0].T, aspect="auto", cmap="RdBu_r", vmin=-1, vmax=1)
    ax.axvline(t, color="black")
    ax.set_title(f"t = {t}")
    plt.show()

ipywidgets.interact(draw, t=ipywidgets.IntSlider(0, 0, 199));
""",
]

# A task that is posted inside a frame's callbacks runs once that frame is drawn.
_ARM = """(shown) => {
  const look = () => shown.querySelector("img")?.src ?? shown.textContent, before = look();
  window.took = new Promise((done) => {
    let start, frame;
    const drawn = () => {
      const { port1, port2 } = new MessageChannel(), script = performance.now() - frame;
      port1.onmessage = () => done([performance.now() - start, performance.now() - frame, script]);
      port2.postMessage(0);
    };
    const watch = new MutationObserver(async () => {
      if (look() === before || !look()) return;
      watch.disconnect();
      const image = shown.querySelector("img");
      if (!image) return drawn(); // inside the callbacks of a frame
      await image.decode();
      requestAnimationFrame(drawn);
    });
    watch.observe(shown, { childList: true, characterData: true, subtree: true });
    addEventListener("keydown", () => {
      start = performance.now();
      requestAnimationFrame(() => { frame = performance.now(); });
    }, { capture: true, once: true });
  });
}"""

# The least that a key can change in the same notebook: a number.
_NUMBER = """() => {
  const tags = ["button", "data"].map((tag) => document.createElement(tag)), [button, shown] = tags;
  document.querySelector(".jp-OutputArea-output").append(...tags);
  shown.textContent = 0;
  button.addEventListener("keydown", () => requestAnimationFrame(() => { shown.textContent++; }));
}"""


def milliseconds(page: Page, focus: ElementHandle, shown: ElementHandle) -> list[float]:
    """From a key to the end of the frame that shows it; from that frame's start; of it scripts."""
    shown.evaluate(_ARM)
    focus.press("ArrowRight")
    took = page.evaluate("Promise.race([took, new Promise((stop) => setTimeout(stop, 20000))])")
    page.wait_for_timeout(150)
    return took


def report(options: list[str]) -> Iterator[str]:
    """A row for each of the three, and two for what the first is made of."""
    with (
        chromium() as browser,
        tempfile.TemporaryDirectory() as tmp,
        jupyter.running(Path(tmp), ROOT) as lab,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 2000})
        lab.open(page, lab.write("keys.ipynb", CELLS))
        lab.run_all(page)
        page.wait_for_selector(".widget-output img, .jupyter-widgets-output-area img")
        stage, t = (page.wait_for_selector(s) for s in (".rnn-edu .stage", ".controls output"))
        handle = page.wait_for_selector(".noUi-handle")
        area = page.wait_for_selector(".widget-output, .jupyter-widgets-output-area")
        page.evaluate(_NUMBER)
        button, number = map(page.wait_for_selector, ("button:has(+ data)", "button + data"))
        turns = {"ours": (stage, t), "theirs": (handle, area), "least": (button, number)}
        taken = {name: [] for name in turns}
        for _ in range(ROUNDS):
            for name, (focus, shown) in turns.items():
                taken[name].append(milliseconds(page, focus, shown))
    total, frame, script = zip(*taken["ours"], strict=True)
    rows = {
        "hidden-state view": total,
        "of it, in the frame": frame,
        "of it, its scripts": script,
        "`interact` and matplotlib": [key[0] for key in taken["theirs"]],
        "a number": [key[0] for key in taken["least"]],
    }
    yield from table(
        ["from key to drawn frame", "ms"], ([w, f"{Spread.of(ms):.1f}"] for w, ms in rows.items())
    )
