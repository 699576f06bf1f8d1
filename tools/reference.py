"""Write the reference of everything public, from the docstrings: one static site, no requests."""

import sys
from pathlib import Path

import pdoc
import pdoc.render

import riskmap

target = Path(sys.argv[1])
pdoc.render.configure(docformat="numpy", show_source=False, footer_text=riskmap.__version__)
for name in riskmap.__all__:  # pdoc looks at what is loaded already
    setattr(riskmap, name, getattr(riskmap, name))
# without the exclusion every module would be in it, public or not
public = [f"riskmap.{name}" for name in riskmap.PUBLIC]
pdoc.pdoc("riskmap", "!riskmap.", *public, output_directory=target)
print(f"{target / 'index.html'}: open it in a browser")  # noqa: T201  # what make docs says
