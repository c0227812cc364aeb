"""The variants of the mails under each memory model: whole processes, medians of 3."""

from statistics import median

from encoder.memory import CHAIN
from tests.bench.process import once

RUNS = 3
MOST = 3.0
"""How many times as long as under SC an answer under LKMM may take."""

MAILS = (
    ("gup-vs-reclaim", "baseline"),
    ("gup-vs-reclaim", "hubbard-locked-check"),
    ("gup-vs-reclaim", "hubbard-locked-check-fixed"),
    ("gup-vs-reclaim", "locked-check-before-pin"),
    ("gup-vs-reclaim", "kara-rmap-seq"),
    ("gup-vs-reclaim", "kara-rmap-seq-serialised"),
    ("gup-vs-reclaim", "kara-rmap-seq-mb-pin-mb"),
    ("gup-vs-soft-dirty", "linus-soft-dirty-seq"),
)


def measure() -> None:
    """Print a row a variant: seconds under each model, how much longer LKMM takes than SC, the verdicts."""
    print(f"{'':<43}" + "".join(f"{model.upper():>8}" for model in CHAIN) + "  LKMM/SC  verdicts")
    for scenario, variant in MAILS:
        seconds, verdicts = {}, []
        for model in CHAIN:
            command = ("encoder", "prove", scenario, "--variant", variant, "--model", model, "--json")
            runs = [once(command) for _ in range(RUNS)]
            seconds[model] = median(run[0] for run in runs)
            verdicts.append(runs[0][1]["verdict"])
        ratio = seconds["lkmm"] / seconds["sc"]
        figures = "".join(f"{seconds[model]:8.2f}" for model in CHAIN)
        more = f"  (more than {MOST:g})" if ratio > MOST else ""
        print(f"{f'{scenario} {variant}':<43}{figures} {ratio:8.2f}  {', '.join(verdicts)}{more}", flush=True)


if __name__ == "__main__":
    measure()
