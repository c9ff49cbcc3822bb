"""``python -m insula``."""

import sys

from insula import main

sys.exit(main())
