"""What was judged: the data set, the parameters, and the hashes of all that went in."""

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True)
class About:
    """What a report says of the run that it shows.

    ``source`` is what is known of the data set's origin: attribution, license, homepage, as far as stated.
    ``parameters`` are those of all stages, flat, such as ``train_cyclegan.epochs``. ``inputs`` maps what
    evaluate read, code included, to DVC's hash of it. Nothing here changes from one clone to the next.
    """

    dataset: str
    source: Mapping[str, str]
    parameters: Mapping[str, Value]
    inputs: Mapping[str, str]
