"""python -m encoder: the same as the command `pinproof`."""

import sys

from encoder.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
