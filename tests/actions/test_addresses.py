"""What is an address in a sentence, and what is said around it."""

from __future__ import annotations

import pytest

from actions.addresses import find_address

LEEDS = "5 Rose St, Leeds LS1 1AA"
WARSAW = "Lipowa 4, 00-316 Warszawa"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"no! only {WARSAW}", WARSAW),
        (f"{WARSAW}. but first tell me what they ordered?", WARSAW),
        (f"and the address they put in, can you set it back to {WARSAW}", WARSAW),
        ("ul. Lipowa 4, 00-316 Warszawa", "ul. Lipowa 4, 00-316 Warszawa"),
        (f"thx. change adress of it to {LEEDS}", LEEDS),
        (f"A1185 must go to {LEEDS}", LEEDS),
        (f"is it {LEEDS}?", LEEDS),
        (f"so {LEEDS} from now on please", LEEDS),
        (f"{LEEDS} - can you do that today?", LEEDS),
        (f"hi, I'm moving on 3 December to {LEEDS}", LEEDS),
        (f"not 7 Elm Rd, York YO1 7HH but {LEEDS}", LEEDS),
        (f"{LEEDS}, not 7 Elm Rd, York YO1 7HH", LEEDS),
        (f"{LEEDS}, me@example.com", LEEDS),
        ("5 Rose St. Leeds LS1 1AA", "5 Rose St. Leeds LS1 1AA"),
        ("Flat 3, 12 Mill Lane, Leeds LS1 4AB please", "Flat 3, 12 Mill Lane, Leeds LS1 4AB"),
        ("Unit 4 - 12 Mill Lane, Leeds LS1 4AB", "Unit 4 - 12 Mill Lane, Leeds LS1 4AB"),
        ("1234 Elm St, Springfield 62701", "1234 Elm St, Springfield 62701"),
        ("yes 21 Harbour View, Cork, T12 XY88", "21 Harbour View, Cork, T12 XY88"),
        ("Am Markt 3, 69469 Weinheim an der Bergstrasse", "Am Markt 3, 69469 Weinheim an der Bergstrasse"),
        ("12 Mill Lane, Newcastle upon Tyne NE1 4AB", "12 Mill Lane, Newcastle upon Tyne NE1 4AB"),
        ("no, A1185 must go there, not future orders", None),
        ("send A1185 to Leeds LS1 1AA", None),
    ],
)
def test_only_the_address_is_taken_out_of_a_sentence(text: str, line: str | None) -> None:
    """Not what leads to it, what follows it, or an address that is refused; an order number is no house number."""
    assert find_address(text) == line
