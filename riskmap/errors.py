"""The one error that a user sees: one line that says where, what, and the way out."""


class RiskmapError(Exception):
    """
    Input or output that riskmap cannot work with.

    The message is one line: the file, row or key; what is wrong; the way out. The command line
    prints it and exits with 2; the page shows it in a box. Anything else that is raised is a
    defect of riskmap.
    """
