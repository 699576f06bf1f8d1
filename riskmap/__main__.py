"""`python -m riskmap` is the command line."""

import sys

from riskmap.cli import main

sys.exit(main())
