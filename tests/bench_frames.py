"""How soon a key is seen, and how smooth a page of figures is: python -m tests.bench_frames

In one real JupyterLab, in turns: the hidden-state view at T = 200, H = 64; an
`ipywidgets.interact` whose slider makes matplotlib draw the same heat map and cursor; and a number
that a key counts up. Milliseconds from the key's event until the frame that shows it is drawn.
Then the gallery without Python, all figures playing while the page scrolls through them, in turns
with an empty page: milliseconds from frame to frame. Last the bytes that each figure of the
gallery stores. Nothing is asserted here.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, ElementHandle, Page, sync_playwright

from .browser import lab as jupyter
from .browser.conftest import FLAGS, NAMES
from .numerics import ROOT

GALLERY = ROOT / "notebooks" / "gallery.ipynb"
ROUNDS, TURNS = 30, 3

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

_SCROLL = """async () => {
  const gaps = [], end = document.documentElement.scrollHeight - innerHeight;
  let last = await new Promise(requestAnimationFrame);
  for (let k = 0; k < 240; k++) {
    scrollTo(0, (end * k) / 240);
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - last);
    last = now;
  }
  return gaps;
}"""


def spread(milliseconds: list[float]) -> str:
    low, middle, high = statistics.quantiles(milliseconds, n=4)
    return f"{middle:6.1f} ms [{low:.1f}, {high:.1f}]"


def milliseconds(page: Page, focus: ElementHandle, shown: ElementHandle) -> list[float]:
    """From a key to the end of the frame that shows it; from that frame's start; of it scripts."""
    shown.evaluate(_ARM)
    focus.press("ArrowRight")
    took = page.evaluate("Promise.race([took, new Promise((stop) => setTimeout(stop, 20000))])")
    page.wait_for_timeout(150)
    return took


def keys(browser: Browser) -> None:
    with tempfile.TemporaryDirectory() as tmp, jupyter.running(Path(tmp), ROOT) as lab:
        page = browser.new_page(viewport={"width": 1280, "height": 2000})
        lab.open(page, lab.write("keys.ipynb", CELLS))
        lab.run_all(page)
        page.wait_for_selector(".widget-output img, .jupyter-widgets-output-area img")
        stage, t = (page.wait_for_selector(s) for s in (".rnn-edu .stage", ".controls output"))
        handle = page.wait_for_selector(".noUi-handle")
        area = page.wait_for_selector(".widget-output, .jupyter-widgets-output-area")
        page.evaluate(_NUMBER)
        button, number = map(page.wait_for_selector, ("button:has(+ data)", "button + data"))
        ours, theirs, least = [], [], []
        for _ in range(ROUNDS):
            ours.append(milliseconds(page, stage, t))
            theirs.append(milliseconds(page, handle, area))
            least.append(milliseconds(page, button, number))
        total, frame, script = map(list, zip(*ours, strict=True))
        print(f"hidden-state view       {spread(total)}")
        print(f"  of it, in the frame   {spread(frame)}")
        print(f"  of it, its scripts    {spread(script)}")
        print(f"interact and matplotlib {spread([total for total, *_ in theirs])}")
        print(f"a number                {spread([total for total, *_ in least])}")
        page.close()


def frames(browser: Browser, folder: Path) -> None:
    gallery, empty = folder / "gallery.html", folder / "empty.html"
    body = "\n".join(data["text/html"] for data in figures())
    gallery.write_text(f"<!doctype html><title>gallery</title>{body}", encoding="utf-8")
    empty.write_text("<!doctype html><title>empty</title><div style='height: 9000px'>", "utf-8")
    gaps: dict[Path, list[float]] = {gallery: [], empty: []}
    for _ in range(TURNS):
        for path in gaps:
            tab = browser.new_page(viewport={"width": 1280, "height": 1000})
            tab.goto(path.as_uri())
            for frame in tab.locator("iframe").all():
                frame.scroll_into_view_if_needed()
                frame.content_frame.locator(".rnn-edu").wait_for()
                for play in frame.content_frame.get_by_role("button", name="Play").all():
                    frame.content_frame.get_by_label("steps per second").select_option("32")
                    play.click()
            gaps[path] += tab.evaluate(_SCROLL)
            tab.close()
    for path, values in gaps.items():
        late = sorted(values)[int(0.95 * len(values))]
        print(f"{path.stem:8} {spread(values)}; 19 of 20 within {late:.1f} ms")


def figures() -> Iterator[dict[str, str]]:
    """Each figure of the gallery as it is stored: MIME type -> content."""
    for cell in nbformat.read(GALLERY, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if "data" in output:
                yield output.data


def stored() -> None:
    for data in figures():
        title = data["text/plain"].splitlines()[0].partition(":")[0]
        print(f"{len(data['text/html'].encode()):7,} bytes  {title}")


def main() -> None:
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; medians [middle half]")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        print("\nfrom key to drawn frame, T = 200, H = 64")
        keys(browser)
        print("\nfrom frame to frame while the page scrolls")
        frames(browser, Path(folder))
    print("\nstored")
    stored()


if __name__ == "__main__":
    main()
