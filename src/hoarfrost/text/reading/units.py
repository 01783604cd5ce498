"""Units of measure: how they are written, and what they are called.

In: nothing. Out: tables. Case counts (``mg`` and ``Mg``, ``MB`` and ``Mb``); those that are words
or letters as well are told apart by `hoarfrost.text.reading.measures`. Names of the International
System follow the SI brochure (BIPM, 9th edition), in American spelling.
"""

from typing import Final

from hoarfrost.text.tables import words

_PLAIN: Final = """
    km kilometer | cm centimeter | mm millimeter | µm micrometer | μm micrometer | nm nanometer
    m meter | mi mile | mile mile | miles mile | yd yard | yds yard | ft foot | in inch | ins inch
    kg kilogram | g gram | mg milligram | µg microgram | μg microgram | mcg microgram | t tonne
    lb pound | lbs pound | oz ounce | st stone | gr grain
    l liter | L liter | ml milliliter | mL milliliter | cl centiliter | cL centiliter
    dl deciliter | dL deciliter | µl microliter | μl microliter | µL microliter | gal gallon
    gals gallon | qt quart | qts quart | pt pint | pts point | tsp teaspoon | tsps teaspoon
    tbsp tablespoon | tbsps tablespoon | Tbsp tablespoon | fl_oz fluid_ounce
    s second | sec second | secs second | ms millisecond | µs microsecond | μs microsecond
    ns nanosecond | min minute | mins minute | h hour | hr hour | hrs hour | wk week | wks week
    mo month | mos month | yr year | yrs year
    bit bit | bits bit | B byte | kB kilobyte | KB kilobyte | MB megabyte | GB gigabyte
    TB terabyte | PB petabyte | KiB kibibyte | MiB mebibyte | GiB gibibyte | TiB tebibyte
    kb kilobit | Kb kilobit | Mb megabit | Gb gigabit | mb megabyte | gb gigabyte | tb terabyte
    W watt | kW kilowatt | MW megawatt | GW gigawatt | TW terawatt | mW milliwatt
    V volt | kV kilovolt | mV millivolt | A amp | mA milliamp | Ω ohm | kΩ kilohm | MΩ megohm
    J joule | kJ kilojoule | MJ megajoule | cal calorie | kcal kilocalorie | N newton
    kN kilonewton | Pa pascal | kPa kilopascal | hPa hectopascal | MPa megapascal | bar bar
    mbar millibar | atm atmosphere | mol mole | mmol millimole | ha hectare | ac acre
    ly light_year | px pixel | pt. point | ct carat | kt knot | kn knot | dz dozen | doz dozen
    MP megapixel | IU international_unit
    """
_SAME: Final = """
    Hz hertz | kHz kilohertz | KHz kilohertz | MHz megahertz | GHz gigahertz | mph miles_per_hour
    kph kilometers_per_hour | kmh kilometers_per_hour | mpg miles_per_gallon
    bps bits_per_second | kbps kilobits_per_second | Kbps kilobits_per_second
    Mbps megabits_per_second | mbps megabits_per_second | Gbps gigabits_per_second
    MBps megabytes_per_second | rpm R_P_M | RPM R_P_M | psi P_S_I | bpm beats_per_minute
    fps frames_per_second | dpi D_P_I | ppm parts_per_million | ppb parts_per_billion | dB decibels
    dBA decibels | kWh kilowatt_hours | MWh megawatt_hours | Wh watt_hours | GWh gigawatt_hours
    mAh milliamp_hours | Ah amp_hours | mmHg millimeters_of_mercury | K kelvin | °C degrees_Celsius
    °F degrees_Fahrenheit | ℃ degrees_Celsius | ℉ degrees_Fahrenheit | °K degrees_Kelvin
    º_C degrees_Celsius | °_C degrees_Celsius | °_F degrees_Fahrenheit | ºC degrees_Celsius
    ºF degrees_Fahrenheit | ° degrees | º degrees | % percent | ％ percent | ‰ per_mille
    _% percent | sqft square_feet | sq_ft square_feet | sq._ft square_feet | sq_m square_meters
    sq_km square_kilometers | sq_mi square_miles | sq_in square_inches | cu_ft cubic_feet
    cu_in cubic_inches | cu_m cubic_meters | Nm newton_meters | lb-ft pound_feet | pH pH
    """
_IRREGULAR: Final = {
    "foot": "feet",
    "inch": "inches",
    "stone": "stone",
    "fluid ounce": "fluid ounces",
}


def _read(table: str) -> dict[str, str]:
    entries = (entry.split() for line in table.split("|") for entry in [line.strip()] if entry)
    # Several lines hold several entries each: they are parted by the bar or the line's end.
    return {written.replace("_", " "): name.replace("_", " ") for written, name in entries}


def _lines(table: str) -> str:
    return table.strip().replace("\n", "|")


COUNTED: Final = _read(_lines(_PLAIN))
"""By symbol, the singular of the unit's name."""

UNCOUNTED: Final = _read(_lines(_SAME))
"""By symbol, the name that is said whatever the number."""

AMBIGUOUS: Final = words("""
    m g s h t l L W V A N J K B in st pt pts mo ac ct bar min cal gr kn MP miles mile
""")
"""Symbols that are something else too: they need a number right before them, or an ending after."""


def plural(name: str) -> str:
    """Return the plural of a unit's name."""
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    if name.startswith(("square ", "cubic ")):
        first, rest = name.split(" ", 1)
        return f"{first} {plural(rest)}"
    return name if name.endswith(("hertz", "s")) else f"{name}s"


def in_british(name: str) -> str:
    """Return a name in British spelling: it is written into what is read, not only said."""
    for ending, british in (("meter", "metre"), ("liter", "litre")):
        name = name.replace(ending, british)
    return name
