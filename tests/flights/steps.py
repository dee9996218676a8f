"""What happens to the flights: one step after another, each named after what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.flights.data import copy_in
from tests.support.postgres import Database

STEPS: dict[str, str] = {
    "insert flights of a new day": """
        insert into nyc.flights (
            year, month, day, dep_time, dep_delay, arr_delay, carrier, flight, tailnum, origin,
            dest, distance, time_hour
        )
        select
            2014, 1, 1, dep_time, dep_delay, arr_delay, carrier, flight, tailnum, origin, dest,
            distance, time_hour + interval '365 days'
        from nyc.flights where month = 1 and day = 1
    """,
    "update delays of one day": """
        update nyc.flights set arr_delay = arr_delay + 90, dep_delay = dep_delay - 5
        where month = 7 and day = 14
    """,
    "delete the flights of one plane": "delete from nyc.flights where tailnum = 'N381AA'",
    "add an airline with its first flights and an airport": """
        insert into nyc.airlines values ('ZZ', 'Zeppelin Lines');
        insert into nyc.airports (faa, name) values ('ZZZ', 'Friedrichshafen');
        insert into nyc.planes (tailnum, year) values ('NZZ', 1937);
        insert into nyc.flights (
            year, month, day, carrier, tailnum, origin, dest, distance, arr_delay
        )
        select 2013, 5, 6, 'ZZ', 'NZZ', 'EWR', 'ZZZ', 4000, 60 + n from generate_series(1, 20) as n
    """,
    "rename an airline": "update nyc.airlines set name = 'Jet Blue' where carrier = 'B6'",
    "delete an airport that many fly to": "delete from nyc.airports where faa = 'SFO'",
    "bring the airport back under another name": """
        insert into nyc.airports (faa, name) values ('SFO', 'San Francisco')
    """,
    "change the key of an airline and of its flights": """
        update nyc.airlines set carrier = 'Z9' where carrier = 'ZZ';
        update nyc.flights set carrier = 'Z9' where carrier = 'ZZ'
    """,
    "forget every delay of an airline": """
        update nyc.flights set arr_delay = null, dep_delay = null where carrier = 'HA'
    """,
    "send flights elsewhere, with other planes": """
        update nyc.flights set dest = 'LAX', distance = 2475, tailnum = 'N201AA'
        where dest = 'SAN' and day % 2 = 0
    """,
    "change a row and change it back": """
        update nyc.planes set year = 2000 where tailnum = 'N201AA';
        update nyc.planes set year = 1959 where tailnum = 'N201AA';
        delete from nyc.airlines where carrier = 'OO';
        insert into nyc.airlines values ('OO', 'SkyWest Airlines Inc.')
    """,
    "delete a month": "delete from nyc.flights where month = 12",
    "truncate the weather": "truncate nyc.weather",
    "load the weather again": "",
    "truncate the flights": "truncate nyc.flights",
    "load the flights again": "",
}


def play(database: Database) -> Iterator[str]:
    """Take the steps one by one; gives the name of each that was taken."""
    loads: dict[str, Callable[[], None]] = {
        "load the weather again": lambda: copy_in(database, "weather"),
        "load the flights again": lambda: copy_in(database, "flights"),
    }
    for name, script in STEPS.items():
        if name in loads:
            loads[name]()
        else:
            database.execute(script)
        yield name
