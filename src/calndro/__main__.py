"""
``python -m calndro`` is the command ``calndro``.
"""

from __future__ import annotations

from calndro.entry.cli.app import main


if __name__ == "__main__":
    main()
