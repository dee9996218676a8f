"""Stream tables over the flights, each of constructs that stay right on the real extension."""

SOURCES = """
version: 2
sources:
  - name: nyc
    schema: nyc
    tables: [{name: airlines}, {name: airports}, {name: planes}, {name: weather}, {name: flights}]
"""

MODELS = {
    # an aggregate; avg, min, max and count(*) stay right where sum() of NULLs does not
    "carrier_delays": """
        select
            carrier, month,
            count(*) as flights,
            avg(arr_delay) as average_delay,
            max(arr_delay) as worst_delay,
            min(dep_delay) as best_departure
        from {{ source('nyc', 'flights') }}
        group by carrier, month
    """,
    # an aggregate over an expression, with a filter on the groups
    "windy_days": """
        select
            origin, date_trunc('day', time_hour) as observed_on,
            count(*) as observations, max(wind_speed) as strongest, min(temp) as coldest
        from {{ source('nyc', 'weather') }}
        group by origin, date_trunc('day', time_hour)
        having max(wind_speed) > 25
    """,
    # a join over three tables
    "long_hauls": """
        select
            f.flight_id, a.name as airline, d.name as destination, f.tailnum, f.distance,
            f.arr_delay
        from {{ source('nyc', 'flights') }} as f
        inner join {{ source('nyc', 'airlines') }} as a on f.carrier = a.carrier
        inner join {{ source('nyc', 'airports') }} as d on f.dest = d.faa
        where f.distance > 2400
    """,
    # another one, with the planes
    "old_planes": """
        select
            f.flight_id, f.time_hour, p.tailnum, p.manufacturer, p.year as built_in,
            a.name as airline
        from {{ source('nyc', 'flights') }} as f
        inner join {{ source('nyc', 'planes') }} as p on f.tailnum = p.tailnum
        inner join {{ source('nyc', 'airlines') }} as a on f.carrier = a.carrier
        where p.year < 1985
    """,
    # DISTINCT
    "routes": """
        select distinct origin, dest, carrier
        from {{ source('nyc', 'flights') }}
    """,
    # a window function, which only FULL keeps right
    "destination_ranks": """
        {{ config(refresh_mode='FULL') }}
        select
            origin, dest, count(*) as flights,
            rank() over (partition by origin order by count(*) desc) as position
        from {{ source('nyc', 'flights') }}
        group by origin, dest
    """,
    # a stream table on two stream tables and a source
    "route_delays": """
        select r.origin, r.dest, a.name as airline, c.month, c.average_delay
        from {{ ref('routes') }} as r
        inner join {{ ref('carrier_delays') }} as c on r.carrier = c.carrier
        inner join {{ source('nyc', 'airlines') }} as a on r.carrier = a.carrier
        where c.average_delay > 20
    """,
}
