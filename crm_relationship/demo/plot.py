"""The plot of the demo: who bought what and when, who belongs to which type and why. ``questions.py`` has who asked
what.

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
class Rate:
    """What a channel costs per hour and touch from January of a year, counted from this one."""

    channel: str
    year: int
    hour: float
    touch: float


@dataclass(frozen=True)
class Person:
    """Somebody who counts for a plan."""

    contact: str
    role: str
    attitude: str
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What we want of a key account in a year, counted from this one; ``review`` in days from today."""

    customer: str
    year: int
    state: str
    revenue: float
    margin: float
    cost: float
    objectives: tuple[str, ...]
    stakeholders: tuple[Person, ...]
    review: int | None = None


@dataclass(frozen=True)
class Answer:
    """What a customer said to a suggestion so many days ago: nothing yet to a quotation, an order, or why not."""

    customer: str
    product: str
    agent: str
    days: int = 0
    is_ordered: bool = False
    refusal: str = ""


# Customers who pay late.
SLOW_PAYERS = ("lagoverde", "harborview")

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

RATES = (
    Rate("visit", -1, 67, 42),
    Rate("visit", 0, 70, 46),
    Rate("phone", -1, 52, 0.5),
    Rate("phone", 0, 54, 0.6),
    Rate("email", 0, 47, 0.1),
    Rate("visit", 1, 73, 48),
)

FJORDLYS = (
    Person("fjordlys_astrid", "decider", "supporter", "Wants one supplier less."),
    Person("fjordlys_lars", "buyer", "neutral", "Compares prices every autumn."),
    Person("fjordlys_ingrid", "user", "supporter", "Answers for the three shifts."),
)
AURELIA = (
    Person("aurelia_beatriz", "buyer", "neutral", "Buys for all five laboratories."),
    Person("aurelia_rui", "decider", "critic", "Still angry about the March delivery."),
)

PLANS = (
    Plan(
        "fjordlys",
        -1,
        "closed",
        85_000,
        33_000,
        80,
        (
            "Frame contract for labels and ribbons.",
            "No stop of a line longer than an hour.",
        ),
        FJORDLYS,
    ),
    Plan(
        "fjordlys",
        0,
        "agreed",
        100_000,
        39_000,
        240,
        (
            "Third hall equipped with LX-900 printers by autumn.",
            "All consumables ordered through the portal: half the calls.",
            "Field test of the next LX-900 finished, with a written report of both sides.",
        ),
        FJORDLYS,
        review=24,
    ),
    Plan(
        "aurelia",
        -1,
        "closed",
        70_000,
        30_000,
        40,
        ("The fifth laboratory on the same printers as the others.",),
        AURELIA,
    ),
    Plan(
        "aurelia",
        0,
        "draft",
        90_000,
        38_000,
        60,
        (
            "Dr. Tavares is content with our deliveries again: none late in two quarters.",
            "One maintenance contract for all laboratories.",
        ),
        AURELIA,
        review=-3,
    ),
)

ANSWERS = (
    Answer("weidenau", "ribbons", "agent"),
    Answer("harborview", "ribbons", "agent2"),
    Answer("tarnhill", "ribbons", "agent2", 2, is_ordered=True),
    Answer("pacifico", "ribbons", "agent", 9, is_ordered=True),
    Answer(
        "zinnia", "ribbons", "agent", 5, refusal="Buys labels that come ready printed."
    ),
    Answer("vantaa", "ribbons", "agent", 12, refusal="Has a laser printer."),
)
