"""`show-witness`: a recorded schedule in another form, without a solver."""

from encoder.base.errors import Misfit
from encoder.cli import exits
from encoder.cli.forms import FormName, KernelOfPage, Mail, Output, Width, form_of, give
from encoder.cli.options import give_up
from encoder.cli.recorded import misfit, recorded_in, resolved
from encoder.cli.replay import DoesNotHold, ScheduleNames, WitnessFile, confirmed
from encoder.ledger.place import name_of


def show_witness(
    file: WitnessFile, names: ScheduleNames = None, format: FormName = None, output: Output = None,
    width: Width = None, mail: Mail = False, kernel: KernelOfPage = None,
) -> int:  # fmt: skip
    """A recorded schedule in another form. It is run again first: one that does not hold is not shown."""
    form = form_of(format or "text", output, width, mail, kernel)
    text, chosen = recorded_in(file, names or ())
    if len(chosen) > 1:
        first, *others = [name_of(each.question) for each in chosen]
        give_up(f"`{file}` has {len(chosen)} schedules", f"the name of one behind it, as `{others[0] or first}`")
    try:
        give(form, chosen[0].question, confirmed(chosen[0], *resolved(chosen[0].question)))
    except DoesNotHold as error:
        give_up(f"the schedule in `{file}` does not hold: {error}", "one that `replay` confirms")
    except Misfit as error:
        raise misfit(file, text, chosen[0], error) from error
    return exits.OK
