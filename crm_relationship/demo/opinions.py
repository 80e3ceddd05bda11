"""The plot of the demo: what customers answered when they were asked how it went. Only data; names as in ``plot.py``,
titles as in ``questions.py``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Opinion:
    """An answer from 1 to 5: to a ticket, by its ``title``, the day after it was closed; or to the last order of a
    ``customer`` that was at least so many ``days`` old, some days later."""

    score: int
    comment: str = ""
    title: str = ""
    customer: str = ""
    days: int = 0


OPINIONS = (
    # content, most of them
    Opinion(5, "Ten minutes, and line 2 ran.", "LX-900 stops after a ribbon change"),
    Opinion(4, "", "Order number missing on invoice"),
    Opinion(5, "As every year.", "Yearly inspection of the four LX-900"),
    Opinion(5, "The sample said it all.", "Allergen symbols on 40 mm labels"),
    Opinion(4, "", "New staff cannot align labels"),
    Opinion(4, "The auditor was content.", "Food contact certificate"),
    Opinion(5, "", "Which head for recycled film?"),
    Opinion(4, "", "Do the labels stand the oven rack?"),
    Opinion(5, "Nobody rings at seven any more!", "Please fewer calls"),
    Opinion(4, "", "Offer for 40 schools"),
    Opinion(5, "All three scanners at once.", "Setting up the scanners"),
    # it could have been better
    Opinion(3, "Right, but it took two days.", "Drawing of the mounting plate"),
    Opinion(3, "", "Parcel left at the neighbour's"),
    Opinion(3, "", "Change of bank account"),
    Opinion(
        4, "Well solved, but a week of samples is lost.", "Labels come off at −80 °C"
    ),
    Opinion(2, "One of the five deliveries came late.", "Split delivery to five sites"),
    Opinion(2, "Counted by us, not by you.", "Two boxes short"),
    # the one at risk, and the one who left
    Opinion(2, "Eight days for one printer.", "Print fades after two days"),
    Opinion(1, "The same ribbons again.", "Still the wrong ribbons"),
    Opinion(1, "Nobody called.", "Printer broken again"),
    Opinion(1, "Too late.", "We cancel"),
    # orders
    Opinion(5, "On the hour.", customer="fjordlys", days=160),
    Opinion(5, "", customer="fjordlys", days=20),
    Opinion(4, "", customer="aurelia", days=90),
    Opinion(4, "By file, at last.", customer="kaveri", days=35),
    Opinion(5, "", customer="brelac", days=200),
    Opinion(4, "", customer="kowalczyk", days=110),
    Opinion(4, "", customer="sakuragi", days=130),
    Opinion(5, "Thank you for the handwritten note.", customer="brindille", days=60),
    Opinion(4, "", customer="quilla", days=50),
    Opinion(2, "The box was wet.", customer="szep", days=70),
    Opinion(3, "", customer="lantern", days=30),
    Opinion(3, "Two contacts, two answers.", customer="harborview", days=85),
    Opinion(
        2,
        "Ordered for the third site, sent to the first.",
        customer="harborview",
        days=12,
    ),
    Opinion(5, "Printed my first label after an hour.", customer="solstice", days=10),
)
