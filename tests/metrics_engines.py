"""The engines that metrics are tested on, and the fixtures that hand them to the tests.

`engine` runs a test once on each engine; `engines` gives a test all of them, to hold their answers together.
They are DuckDB and polars, and with `--engine spark` PySpark, beside DuckDB where a test takes several.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Frame = nw.LazyFrame[Any]
Rows = Sequence[dict[str, Any]]
BOTH = ("duckdb", "polars")
"""What `make test` runs on."""


class Engine(Protocol):
    """Rows in, lazy frames out."""

    name: str

    def frame(self, rows: Rows, schema: pa.Schema) -> Frame:
        """`rows` as a lazy frame of this engine."""

    def materialise(self, frame: Frame) -> Frame:
        """`frame`, computed once."""


class DuckDB:
    """As the store does it: what is materialised becomes a table."""

    name = "duckdb"

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._numbers = itertools.count()

    def frame(self, rows: Rows, schema: pa.Schema) -> Frame:
        """`rows` as a table."""
        self._con.register("incoming", pa.Table.from_pylist(list(rows), schema=schema))
        made = self._table("SELECT * FROM incoming")
        self._con.unregister("incoming")
        return made

    def materialise(self, frame: Frame) -> Frame:
        """The rows of `frame` as a table."""
        return self._table(frame.to_native().sql_query())

    def _table(self, query: str) -> Frame:
        name = f"made_{next(self._numbers)}"
        self._con.execute(f"CREATE TEMP TABLE {name} AS {query}")
        return nw.from_native(self._con.table(name))


class Polars:
    """Plain polars frames."""

    name = "polars"

    def frame(self, rows: Rows, schema: pa.Schema) -> Frame:
        """`rows` as a lazy frame."""
        made = pl.from_arrow(pa.Table.from_pylist(list(rows), schema=schema))
        assert isinstance(made, pl.DataFrame)
        return nw.from_native(made.lazy())

    def materialise(self, frame: Frame) -> Frame:
        """`frame`, collected."""
        return nw.from_native(frame.to_native().collect().lazy())


class Spark:
    """PySpark; what is materialised is a checkpoint, so that no plan grows from step to step."""

    name = "spark"

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def frame(self, rows: Rows, schema: pa.Schema) -> Frame:
        """`rows` as a data frame."""
        table = pa.Table.from_pylist(list(rows), schema=schema)
        return nw.from_native(self._session.createDataFrame(table))

    def materialise(self, frame: Frame) -> Frame:
        """`frame`, computed and cut off from where it came from."""
        return nw.from_native(frame.to_native().localCheckpoint())


SPARK = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    # Small inputs would else be worked out while a query is planned, not by what runs it on large ones.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
    # Thousands of queries over a few rows: compiling and re-planning each costs more than running it.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.python.sql.dataFrameDebugging.enabled": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
}
"""A Spark on loopback for many small queries; what a value is (ANSI mode, decimals) is left as it comes."""


def spark_session() -> SparkSession:
    """A Spark of this process's own. One core: the processes that pytest starts share the others."""
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    builder = SparkSession.builder.master("local[1]").appName("zaiseki-tests")
    for key, value in SPARK.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--engine`: the engine to run the metrics on."""
    parser.addoption("--engine", choices=["duckdb", "polars", "spark"], help="default: DuckDB and polars")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `engine` runs once on each."""
    if "engine_name" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("engine")
        metafunc.parametrize("engine_name", [chosen] if chosen else BOTH, scope="module")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--engine`, only tests that run on an engine are wanted: the others say the same on all."""
    chosen = config.getoption("engine")
    if not chosen:
        return
    on_engine = {"engine_name", "engines"}
    others = [one for one in items if not on_engine & set(getattr(one, "fixturenames", ()))]
    items[:] = [one for one in items if one not in others]
    config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One session for all tests of a process; it ends with them."""
    session = spark_session()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def engine(engine_name: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Each engine of this run in turn."""
    with ExitStack() as stack:
        yield _opened(engine_name, request, stack)


@pytest.fixture(scope="module")
def engines(request: pytest.FixtureRequest) -> Iterator[list[Engine]]:
    """All engines of this run; DuckDB, which the store is, is always the first."""
    names = dict.fromkeys(["duckdb", request.config.getoption("engine") or "polars"])
    with ExitStack() as stack:
        yield [_opened(name, request, stack) for name in names]


def _opened(name: str, request: pytest.FixtureRequest, stack: ExitStack) -> Engine:
    match name:
        case "duckdb":
            return DuckDB(stack.enter_context(duckdb.connect()))
        case "polars":
            return Polars()
        case _:
            return Spark(request.getfixturevalue("spark"))
