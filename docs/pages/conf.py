"""The site: `sphinx-build -W docs/pages docs/site`. It asks for nothing on the network, neither built nor read."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _made

import cxmining

_made.write(Path(__file__).parent)

project = "cxmining"
author = "The cxmining developers"
version = release = cxmining.__version__
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_made.py"]
html_theme = "furo"
html_title = "cxmining"
html_copy_source = False
autodoc_typehints = "none"  # the docstrings say them, with units
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
myst_enable_extensions = ["colon_fence"]
autosummary_generate = False
