"""The plot of the demo: who bought what and when, who belongs to which type and why, who asked what.

Only data. Days count back from the day on which the demo is loaded; names are external ids without their
prefix (``customer_``, ``contact_``, ``product_``, ``user_``, ``type_``, ``stage_``).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Buyer:
    """What a customer orders, again and again.

    ``first`` and ``last`` are days ago, ``every`` is in days; quantities swing by a quarter around ``basket``.
    """

    customer: str
    seller: str
    basket: dict[str, int]
    first: int
    last: int = 4
    every: int = 52
    discount: float = 0.0
    contact: str = ""


@dataclass(frozen=True)
class Given:
    """A type that a customer was given, ``since`` and ``until`` in days ago."""

    customer: str
    type: str
    since: int
    reason: str
    until: int | None = None
    is_primary: bool = True


@dataclass(frozen=True)
class Kept:
    """What people decided about a relationship."""

    customer: str
    manager: str = ""
    deputy: str = ""
    stage: str = "active"


@dataclass(frozen=True)
class Question:
    """A ticket. ``age`` in hours; ``answer`` and ``close`` in hours after it came, None if not yet."""

    contact: str
    channel: str
    category: str
    title: str
    text: str
    age: float
    answer: float | None = None
    close: float | None = None
    agent: str = "agent"
    reply: str = (
        "Thank you for telling us. We are looking into it and come back to you today."
    )


BUYERS = (
    # one key account per industry
    Buyer(
        "fjordlys",
        "agent",
        {"printer_industrial": 2, "labels": 40, "ribbons": 10},
        718,
        discount=5,
        contact="fjordlys_lars",
    ),
    Buyer(
        "aurelia",
        "agent2",
        {"printer": 4, "labels": 44, "ribbons": 12},
        702,
        contact="aurelia_beatriz",
    ),
    Buyer(
        "kaveri", "agent", {"labels": 96, "ribbons": 24, "scanner": 2}, 640, discount=8
    ),
    Buyer("brelac", "agent2", {"printer": 2, "labels": 52, "ribbons": 8}, 655),
    # the core
    Buyer("weidenau", "agent", {"printer_industrial": 1, "labels": 15}, 690, every=91),
    Buyer("tarnhill", "agent2", {"printer": 3, "labels": 16}, 610, every=91),
    Buyer(
        "lagoverde",
        "agent",
        {"printer": 2, "labels": 20, "ribbons": 6},
        680,
        last=96,
        every=75,
        contact="lagoverde_chiara",
    ),
    Buyer("nordager", "agent2", {"labels": 44, "ribbons": 12}, 560, every=92),
    Buyer("alamos", "agent", {"scanner": 4, "labels": 24, "ribbons": 6}, 480, every=95),
    Buyer(
        "harborview",
        "agent2",
        {"scanner": 4, "printer": 2, "labels": 20},
        430,
        every=80,
    ),
    Buyer(
        "kowalczyk", "agent", {"labels": 48, "ribbons": 14}, 705, every=92, discount=3
    ),
    Buyer(
        "sakuragi", "agent2", {"labels": 44, "ribbons": 8, "cleaning": 5}, 390, every=90
    ),
    # many small ones
    Buyer("brindille", "agent", {"labels": 4, "ribbons": 1}, 620, every=150),
    Buyer("greenfern", "agent2", {"labels": 5, "ribbons": 1}, 540, every=90),
    Buyer("zinnia", "agent", {"labels": 3}, 500, every=140),
    Buyer("lindenhof", "agent", {"labels": 6, "ribbons": 2}, 700, every=125),
    Buyer("quilla", "agent2", {"labels": 3, "ribbons": 1}, 360, every=150),
    Buyer("oakridge", "agent", {"printer": 1, "labels": 4}, 330, every=160),
    Buyer("bakari", "agent2", {"labels": 8, "ribbons": 2}, 450, every=150),
    Buyer("vantaa", "agent", {"labels": 2, "cleaning": 1}, 580, every=180),
    Buyer("ribeira", "agent2", {"labels": 4}, 520, every=180),
    Buyer("lantern", "agent", {"labels": 3, "scanner": 1}, 290, every=120),
    Buyer("szep", "agent2", {"labels": 7}, 640, every=150),
    Buyer("nahda", "agent", {"labels": 5, "ribbons": 2}, 410, every=130),
    Buyer("vandijk", "agent2", {"labels": 2}, 270, every=90),
    # new ones
    Buyer(
        "solstice", "agent2", {"printer": 1, "labels": 6, "ribbons": 1}, 24, every=90
    ),
    Buyer("pacifico", "agent", {"scanner": 3, "labels": 12}, 58, every=30),
    Buyer("lumen", "agent2", {"printer": 1, "labels": 4}, 9, every=90),
    # gone, and gone quiet
    Buyer("brightmoor", "agent", {"printer": 1, "labels": 12}, 705, last=425, every=56),
    Buyer("robledo", "agent2", {"labels": 6, "ribbons": 2}, 690, last=402, every=72),
)

SERVICES = (  # customer, days ago, product
    ("fjordlys", 355, "maintenance"),
    ("aurelia", 330, "maintenance"),
    ("brelac", 300, "training"),
    ("weidenau", 280, "maintenance"),
    ("harborview", 260, "training"),
    ("kaveri", 210, "maintenance"),
    ("pacifico", 40, "training"),
)

TYPES = (
    Given("fjordlys", "long_term", 700, "Frame contract over three years.", until=521),
    Given(
        "fjordlys",
        "dedicated",
        520,
        "Runs three shifts; a stop costs more there than anywhere else.",
    ),
    Given(
        "fjordlys",
        "co_creation",
        240,
        "Tests the next LX-900 with us.",
        is_primary=False,
    ),
    Given(
        "aurelia",
        "dedicated",
        410,
        "Five laboratories, one contact wanted for all of them.",
    ),
    Given("kaveri", "personal", 600, "Chose the scanners with us.", until=201),
    Given("kaveri", "automated", 200, "Asked for monthly orders without calls."),
    Given(
        "brelac",
        "personal",
        560,
        "New menus mean new labels; wants advice before buying.",
    ),
    Given("weidenau", "long_term", 650, "Plans its needs with us a year ahead."),
    Given("tarnhill", "personal", 300, "Branch staff changes often and asks a lot."),
    Given("lagoverde", "personal", 420, "Wanted advice on ribbons that stand oil."),
    Given("nordager", "long_term", 500, "Yearly plan by season."),
    Given(
        "harborview",
        "dedicated",
        21,
        "Third site opens; asked for one person of their own.",
    ),
    Given("kowalczyk", "long_term", 640, "Ten years of plans with the same people."),
    Given("kowalczyk", "community", 310, "Speaks at our user day.", is_primary=False),
    Given("sakuragi", "long_term", 350, "Yearly audit together."),
    Given(
        "greenfern",
        "self_service",
        400,
        "Likes to settle things at night in the portal.",
    ),
    Given("lindenhof", "personal", 600, "First printer of the pharmacy.", until=76),
    Given(
        "lindenhof",
        "self_service",
        75,
        "Asked for it: orders after closing time and wants no more calls.",
    ),
    Given("vantaa", "community", 260, "Answers others in the forum."),
    Given("pacifico", "personal", 45, "Sets up its first cold store with us."),
)

DECISIONS = (
    Kept("fjordlys", "agent", "agent2"),
    Kept("aurelia", "agent2", "agent"),
    Kept("kaveri", "manager", "agent"),
    Kept("brelac", "agent2"),
    Kept("weidenau", "agent"),
    Kept("lagoverde", "agent", stage="at_risk"),
    Kept("kowalczyk", "agent"),
    Kept("solstice", stage="onboarding"),
    Kept("pacifico", stage="onboarding"),
    Kept("lumen", stage="onboarding"),
    Kept("brightmoor", stage="lost"),
    Kept("robledo", stage="dormant"),
    Kept("vasara", stage="prospect"),
    Kept("maplebirch", stage="prospect"),
)

DAY = 24

QUESTIONS = (
    # closed, over the two years
    Question(
        "fjordlys_ingrid",
        "phone",
        "printer",
        "LX-900 stops after a ribbon change",
        "Line 2 stands. The printer shows E14 after the ribbon was changed.",
        640 * DAY,
        0.5,
        5,
        reply="Please clean the ribbon sensor; a technician rings in ten minutes.",
    ),
    Question(
        "fjordlys_lars",
        "email",
        "invoice",
        "Order number missing on invoice",
        "Our accounting needs the order number on each invoice.",
        500 * DAY,
        3,
        26,
    ),
    Question(
        "fjordlys_ingrid",
        "visit",
        "printer",
        "Yearly inspection of the four LX-900",
        "Agreed in the quarterly visit.",
        210 * DAY,
        1,
        9,
    ),
    Question(
        "aurelia_rui",
        "email",
        "supplies",
        "Labels come off at −80 °C",
        "The labels of box 1143 come off in the deep freezer.",
        380 * DAY,
        2,
        70,
        "agent2",
        reply="That should not happen. I am sending the cryo quality today, free of charge.",
    ),
    Question(
        "aurelia_beatriz",
        "phone",
        "delivery",
        "Split delivery to five sites",
        "Please deliver the next order to each laboratory.",
        150 * DAY,
        1,
        7,
        "agent2",
    ),
    Question(
        "kaveri_arjun",
        "web",
        "delivery",
        "Two boxes short",
        "54 boxes on the note, 52 on the pallet.",
        290 * DAY,
        4,
        30,
    ),
    Question(
        "brelac_camille",
        "chat",
        "supplies",
        "Allergen symbols on 40 mm labels",
        "Which printer resolution do we need?",
        120 * DAY,
        0.3,
        2,
        "agent2",
        reply="300 dpi is enough. I attach a sample to your next box.",
    ),
    Question(
        "weidenau_jonas",
        "email",
        "printer",
        "Drawing of the mounting plate",
        "We need the drawing of the plate for a new line.",
        250 * DAY,
        20,
        45,
    ),
    Question(
        "tarnhill_priya",
        "phone",
        "printer",
        "New staff cannot align labels",
        "Can someone show us again?",
        95 * DAY,
        2,
        6,
        "agent2",
    ),
    Question(
        "lagoverde_chiara",
        "email",
        "printer",
        "Print fades after two days",
        "The cosmetics oil washes the print off. This is the second time.",
        100 * DAY,
        30,
        190,
        reply="I am sorry. We take one printer back and look at the head.",
    ),
    Question(
        "lagoverde_chiara",
        "phone",
        "supplies",
        "Still the wrong ribbons",
        "We got the same ribbons as before the complaint.",
        62 * DAY,
        26,
        120,
    ),
    Question(
        "nordager_mikkel",
        "web",
        "supplies",
        "Food contact certificate",
        "Our auditor asks for the certificate of the labels.",
        180 * DAY,
        5,
        22,
        "agent2",
    ),
    Question(
        "alamos_lucia",
        "web",
        "invoice",
        "Change of bank account",
        "We moved to another bank.",
        75 * DAY,
        6,
        8,
    ),
    Question(
        "kowalczyk_ewa",
        "video",
        "printer",
        "Which head for recycled film?",
        "Can we look at samples together?",
        140 * DAY,
        3,
        24,
    ),
    Question(
        "greenfern_tama",
        "web",
        "supplies",
        "Do the labels stand the oven rack?",
        "They get about 90 °C warm.",
        230 * DAY,
        6,
        25,
        "agent2",
        reply="Yes, up to 120 °C. The data sheet is in your portal.",
    ),
    Question(
        "greenfern_tama",
        "email",
        "delivery",
        "Parcel left at the neighbour's",
        "Found it now, but please use the back door next time.",
        80 * DAY,
        3,
        5,
        "agent2",
    ),
    Question(
        "lindenhof_petra",
        "phone",
        "printer",
        "Please fewer calls",
        "We order at night in the portal; a call in the morning rush disturbs us.",
        78 * DAY,
        1,
        3,
        reply="Understood. From now on you find everything in the portal, and we call only when you ask.",
    ),
    Question(
        "oakridge_helen",
        "email",
        "printer",
        "Offer for 40 schools",
        "The board decides in spring whether all 40 schools label their books.",
        50 * DAY,
        5,
        40,
    ),
    Question(
        "brightmoor_oliver",
        "email",
        "printer",
        "We cancel",
        "Third breakdown in a month and nobody called back. Take the printer back.",
        424 * DAY,
        80,
        200,
        reply="I am very sorry that nobody called. You get a full credit note today.",
    ),
    Question(
        "brightmoor_oliver",
        "phone",
        "printer",
        "Printer broken again",
        "Please call me back.",
        440 * DAY,
        None,
        70,
    ),
    Question(
        "pacifico_diego",
        "video",
        "printer",
        "Setting up the scanners",
        "We would like to set them up together.",
        40 * DAY,
        1,
        4,
    ),
    # open: late
    Question(
        "lagoverde_chiara",
        "email",
        "supplies",
        "Third complaint: labels come off",
        "Nobody answered since Monday. We are asking another supplier for an offer.",
        11 * DAY,
    ),
    Question(
        "lagoverde_chiara",
        "phone",
        "invoice",
        "Credit note is too low",
        "You took one printer back, but credited only the half of it.",
        9 * DAY,
        20,
    ),
    Question(
        "harborview_dwayne",
        "phone",
        "printer",
        "Who is our contact now?",
        "You promised us one person. Whom do I call?",
        7 * DAY,
    ),
    Question(
        "customer_bakari",
        "email",
        "delivery",
        "Customs papers missing",
        "The parcel is held at the port.",
        4.2 * DAY,
    ),
    # open: due today, on a working day
    Question(
        "fjordlys_ingrid",
        "phone",
        "printer",
        "LX-900 cutter leaves burr",
        "The night shift changed the blade; it is better, but not good.",
        22,
        1,
        reply="A technician brings a new blade set today.",
    ),
    Question(
        "aurelia_rui",
        "chat",
        "printer",
        "Network port drops every hour",
        "The printer in laboratory 3 is lost again and again.",
        21,
        0.8,
        agent="agent2",
    ),
    Question(
        "customer_zinnia",
        "web",
        "supplies",
        "Can I have green labels?",
        "For the spring bouquets.",
        22,
    ),
    Question(
        "alamos_lucia",
        "email",
        "invoice",
        "Copy of three invoices",
        "For our yearly report.",
        7 * DAY - 3,
        5,
    ),
    # open: in time
    Question(
        "fjordlys_lars",
        "email",
        "delivery",
        "Pallet heights for the new gate",
        "Pallets may be 1.60 m high from next month on.",
        3,
        0.5,
        reply="Noted for all orders. I confirm with the carrier.",
    ),
    Question(
        "kaveri_meera",
        "web",
        "invoice",
        "Monthly order by data exchange",
        "We would like to send the order as a file.",
        26,
        4,
        agent="manager",
    ),
    Question(
        "brelac_camille",
        "phone",
        "supplies",
        "Labels for the Christmas menu",
        "120 dishes, four languages.",
        5,
        1,
        agent="agent2",
    ),
    Question(
        "kowalczyk_ewa",
        "email",
        "printer",
        "Programme of the user day",
        "I could show our recycled film.",
        30,
        3,
    ),
    Question(
        "greenfern_tama",
        "web",
        "printer",
        "Label length jumps",
        "Every tenth label is 3 mm too long.",
        2,
        None,
    ),
    Question(
        "solstice_amelie",
        "chat",
        "printer",
        "First labels for cans",
        "What is the best feed speed for wet cans?",
        6,
        0.5,
        agent="agent2",
    ),
    Question(
        "lumen_grace",
        "email",
        "invoice",
        "Delivery date of the printer",
        "Our assistants have time on Thursday.",
        1,
        None,
    ),
    Question(
        "vasara_aino",
        "email",
        "supplies",
        "Samples of linen labels",
        "They must stand 95 °C and the mangle.",
        8,
        2,
        reply="Samples leave the house today.",
    ),
)
