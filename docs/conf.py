"""The site: `make docs`. Pages are Markdown that reads well on a git host; the reference is written by `builder`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

import demo_sim  # noqa: E402
from builder.write import write_pages  # noqa: E402

write_pages(DOCS)

# Kernels of the studies take no settings of the user, and say nothing but errors.
PROFILE = DOCS / "_build" / "ipython" / "profile_default"
PROFILE.mkdir(parents=True, exist_ok=True)
(PROFILE / "ipython_kernel_config.py").write_text("get_config().IPKernelApp.log_level = 40\n", encoding="utf-8")
os.environ["IPYTHONDIR"] = str(PROFILE.parent)

project = "demo_sim"
author = "The demo_sim authors"
copyright = author
version = release = demo_sim.__version__

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "builder.mathml",
    "builder.languages",
    "builder.search",
    "builder.outside",
]
root_doc = "index"
exclude_patterns = ["_build"]
templates_path = ["_templates"]

myst_enable_extensions = ["dollarmath", "fieldlist"]
myst_heading_anchors = 4
# A git host shows ```math as a formula; so does the site, with a number.
myst_fence_as_directive = ["math"]
math_number_all = True
# Names of files and verbs stand in code spans; a straight quote stays one.
smartquotes = False
highlight_language = "text"

html_math_renderer = "mathml"
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_output_stderr = "remove"

autosummary_generate = True
autodoc_typehints = "none"
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "demo_sim"
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_search_language = "zh"
html_theme_options = {
    "navbar_center": ["sections"],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button", "language"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_nav_level": 1,
    "navigation_with_keys": False,
}
copybutton_exclude = ".linenos, .gp, .go"
