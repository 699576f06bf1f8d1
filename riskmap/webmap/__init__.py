"""Maps: the page's component, and the self-contained file."""
