"""
Ends the measuring of coverage in the process that imports this.

Whoever is killed never tells what it has reached, so it need not take the time to note it.
"""

from __future__ import annotations

import sys


if "coverage" in sys.modules:
    from coverage import Coverage

    measuring = Coverage.current()
    if measuring is not None:
        measuring.stop()
