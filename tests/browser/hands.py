"""A hand and an eye on any figure: its frame, its parts by role, how it writes a token."""

from __future__ import annotations

from playwright.sync_api import Frame, FrameLocator, Locator, Page

HOSTILE = "<img src=x onerror=document.body.remove()>"


def frame(page: Page, k: int = 0) -> Frame:
    """The k-th static figure of a page."""
    return [frame for frame in page.frames if frame.parent_frame is not None][k]


def inside(page: Page, k: int = 0) -> FrameLocator:
    """The same, waited for anew by whatever looks at it."""
    return page.locator("iframe").nth(k).content_frame


def stage(view: Frame | FrameLocator | Locator) -> Locator:
    return view.get_by_role("application")


def caption(view: Frame | FrameLocator | Locator) -> Locator:
    return view.locator(".caption")


def field(view: Frame | FrameLocator | Locator) -> Locator:
    return view.get_by_role("textbox", name="text")


def press(view: Frame | FrameLocator | Locator, name: str) -> None:
    view.get_by_role("button", name=name, exact=True).click()


def q(token: str) -> str:
    """A token as figures quote it, isolated so that its direction stays its own."""
    return f"“\u2068{token}\u2069”"
