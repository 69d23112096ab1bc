"""What a person does on the hub, in a browser: log in, menus, terminal, formgrader, assignments."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Page, Request

ROOT = Path(__file__).resolve().parents[1]
WAIT_MS = 180_000
BEGAN = time.monotonic()
SHORT: dict[str, str] = {}  # what differs from run to run, and what the record says for it


def told(line: str) -> None:
    """A line of the record."""
    for long, short in SHORT.items():
        line = line.replace(long, short)
    print(f"{time.monotonic() - BEGAN:4.0f} s  {line}", flush=True)


def ask(what: str, got: Any, expected: Any) -> None:
    """Record what was seen; end the record where it is not what it should be."""
    told(f"{what}: {got}")
    if got != expected:
        sys.exit(f"expected: {expected}")


class Person:
    """Somebody logged in, with JupyterLab open."""

    def __init__(self, browser: Browser, site: str, name: str, password: str) -> None:
        self.site, self.name = site, name
        self.context = browser.new_context(viewport={"width": 1400, "height": 1000})
        self.context.set_default_timeout(WAIT_MS)
        self.page = self.context.new_page()
        self.elsewhere: list[str] = []  # what a page asked another host for
        self.context.on("request", self._asked)
        self.page.goto(f"{site}/hub/login")
        self.page.fill("#username_input", name)
        self.page.fill("#password_input", password)
        began = time.monotonic()
        self.page.click("#login_submit")
        self.page.wait_for_function("window.jupyterapp?.shell?.currentWidget !== undefined")
        self.page.wait_for_selector("#jp-MainLogo")
        self.page.evaluate("jupyterapp.restored.then(() => null)")
        told(f"{name}: logged in, JupyterLab open after {time.monotonic() - began:.1f} s")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def menu(self, title: str) -> list[str]:
        """The entries of a menu."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text=title).click()
        labels = self.page.locator(".lm-Menu-itemLabel")
        labels.first.wait_for()
        found = [text for text in labels.all_inner_texts() if text]
        self.page.keyboard.press("Escape")
        return found

    def shell(self, command: str) -> str:
        """What a command says, typed into a terminal of JupyterLab, at home."""
        home = Path("~" + self.name).expanduser()
        said, done = home / ".said", home / ".done"
        done.unlink(missing_ok=True)
        typed = f"cd; ( {command} ) > .said 2> .errors; touch .done\r"
        self.page.evaluate(
            """async typed => {
                const widget = await jupyterapp.commands.execute('terminal:create-new');
                const session = widget.content.session;
                await new Promise(ready => setTimeout(ready, 1500));
                session.send({type: 'stdin', content: [typed]});
            }""",
            typed,
        )
        until = time.monotonic() + WAIT_MS / 1000
        while not done.exists():
            if time.monotonic() > until:
                sys.exit(f"no end: {command}")
            time.sleep(0.2)
        text = said.read_text()
        told(f"{self.name}$ {command}")
        for line in (text + (home / ".errors").read_text() * (not text)).splitlines()[:8]:
            told(f"    {line[:160]}")
        return text

    def formgrader(self, icon: str, assignment: str) -> None:
        """Press a button of the formgrader, in its frame within JupyterLab."""
        self.page.evaluate("void jupyterapp.commands.execute('nbgrader:open-formgrader')")
        frame = self.page.frame_locator("iframe[src*='formgrader']").last
        row = frame.locator("tr", has_text=assignment)
        row.locator(f".glyphicon-{icon}").click()
        dialog = frame.locator(".modal.in, .modal.show").last
        dialog.locator(".modal-body").wait_for()
        ask(f"{self.name}: formgrader, {icon}", dialog.locator("h4").inner_text(), "Success")
        dialog.locator("button", has_text="OK").or_(dialog.locator("button.close")).first.click()

    def assignments(self, button: str, assignment: str) -> None:
        """Press a button of the assignment list, and wait until it has done its work."""
        self.page.evaluate("void jupyterapp.commands.execute('nbgrader:open-assignment-list')")
        row = self.page.locator(".list_item", has_text=assignment)
        with self.page.expect_response(lambda r: r.request.method == "POST") as done:
            row.get_by_role("button", name=button, exact=True).first.click()
        ask(f"{self.name}: {button} {assignment}", done.value.json()["success"], True)

    def answer(self, path: str, answers: dict[str, str]) -> str:
        """Fill in cells by their grade_id, run all, save; returns what rnn_step's check said."""
        return self.page.evaluate(
            """async ([path, answers]) => {
                const panel = await jupyterapp.commands.execute('docmanager:open', {path});
                await panel.context.ready;
                await panel.sessionContext.ready;
                const about = cell => cell.getMetadata('nbgrader') || {};
                for (const cell of panel.content.model.cells)
                    for (const [name, text] of Object.entries(answers))
                        if (about(cell).solution && about(cell).grade_id === name)
                            cell.sharedModel.setSource(text);
                await jupyterapp.commands.execute('notebook:run-all-cells');
                await panel.context.save();
                for (const cell of panel.content.model.cells)
                    if (cell.sharedModel.getSource().includes('check("rnn_step"'))
                        return cell.outputs.toJSON().map(o =>
                            ((o.data || {})['text/plain'] || o.text || '')).join(' ').slice(0, 160);
                return 'no check found';
            }""",
            [path, answers],
        )

    def by_hand(self, assignment: str, points: dict[str, int]) -> None:
        """Give each essay its points in the formgrader's own pages; points: by words in it."""
        page = self.context.new_page()
        gradebook = f"{self.site}/user/{self.name}/formgrader/gradebook/{assignment}/{assignment}"
        page.goto(gradebook)
        links = page.locator("tbody tr a", has_text="#")
        links.first.wait_for()
        for link in sorted(links.all_inner_texts()):
            page.goto(gradebook)
            page.locator("tbody tr a", has_text=link).first.click()
            box = page.locator("input.score.needs_manual_grade")
            box.wait_for()
            said = page.locator("body").inner_text()
            words, number = next(each for each in points.items() if each[0] in said)
            box.fill(str(number))
            with page.expect_response(lambda r: "/api/grade/" in r.url) as saved:
                box.press("Tab")
            ask(f"{self.name}: {number} points for {words!r}", saved.value.ok, True)
        page.close()

    def read(self, path: str) -> Page:
        """A file of one's own, opened in a browser's page of its own."""
        page = self.context.new_page()
        page.goto(f"{self.site}/user/{self.name}/files/{quote(path)}")
        page.wait_for_load_state("networkidle")
        return page

    def status(self, path: str) -> int:
        """What the site answers for an address."""
        return self.context.request.get(f"{self.site}/{path}", max_redirects=5).status
