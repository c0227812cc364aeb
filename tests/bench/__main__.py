"""make bench: whole processes, medians of 5 (of 1 from 10 s on), beside what they should take; then the memory models
and litmus tests in a warm process.

`python -m tests.bench --only NAME` times the rows whose names begin with one of the NAMES, `--long` also those that
take minutes, `--list` names them all.
"""

import argparse

from tests.bench import litmus, models
from tests.bench.rows import ABSENT, rows
from tests.bench.table import HEADER, measure

OTHERS = {"models": models.measure, "warm": litmus.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Times answers.")
    parser.add_argument("--only", action="append", metavar="NAME", help="rows whose names begin like this")
    parser.add_argument("--long", action="store_true", help="rows that take minutes, too")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    options = parser.parse_args()
    wanted = tuple(options.only or ("",))
    chosen = [row for row in rows() if row.name.startswith(wanted) and (options.long or not row.long)]
    others = {name: run for name, run in OTHERS.items() if name.startswith(wanted)}
    if options.list:
        print("\n".join([*(row.name for row in chosen), *others]))
        return
    if not chosen and not others:
        parser.error(f"no row is named like this: {', '.join(wanted)}")
    if chosen:
        print(HEADER)
    for row in chosen:
        measure(row)
    if ABSENT and "litmus-corpus".startswith(wanted):
        print(ABSENT)
    for run in others.values():
        run()


if __name__ == "__main__":
    main()
