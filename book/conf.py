"""Sphinx's settings of the book; book.build stages the sources and runs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# Where the course lives, such as https://github.com/someone/course: buttons that run a lesson on
# Binder and Colab appear with it. The same course served elsewhere may set it in its environment.
repository = os.environ.get("REPOSITORY", "")
# Where the book itself is served: previews in other places need a whole address of their picture.
html_baseurl = os.environ.get("BOOK_URL", "")

project = "How recurrent neural networks work"
author = "the rnn_edu authors"
project_copyright = "the rnn_edu authors; code BSD-3-Clause, text and figures CC BY 4.0"
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "book._ext.api",
    "book._ext.figures",
    "book._ext.launch",
    "book._ext.lessons",
    "book._ext.maths",
    "book._ext.pages",
    "book._ext.preview",
]
nitpicky = True
# Types of the standard library and of NumPy have no page here, nor has what is private.
nitpick_ignore_regex = [("py:.*", r"(?!rnn_edu).*|.*\._\w+")]

exclude_patterns = ["assignments/*"]  # to be downloaded, not read here
nb_execution_mode = "off"  # the outputs that the notebooks keep
nb_ipywidgets_js = {}
html_math_renderer_name = "mathml"
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
copybutton_selector = "div.cell_input div.highlight pre"

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True  # as the source says it: a path is one of this machine
autodoc_default_options = {"members": True, "ignore-module-all": True, "show-inheritance": True}

templates_path = ["templates"]
html_theme = "sphinx_book_theme"
html_title = project
html_context = {"default_mode": "auto"}
html_static_path = ["static", "pictures/hidden_state.png"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_sourcelink_suffix = ""  # _sources holds the notebooks under their own names
html_show_sphinx = False
html_use_index = False  # the search does that better
html_domain_indices = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "back_to_top_button": False,
    "search_bar_text": "Search the course",
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
