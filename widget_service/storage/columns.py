"""What columns the tables are made of. Times are Unix seconds; switches are 0 or 1; lists and objects JSON text."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()
AUTO_ID = BigInteger().with_variant(Integer, "sqlite")


def new_table(name: str, *columns: Column, rowid: bool = False) -> Table:  # type: ignore[type-arg]
    return Table(name, metadata, *columns, sqlite_with_rowid=rowid)


def text_column(name: str, *, key: bool = False, null: bool = False, default: str | None = None) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=null, server_default=default)


def time_column(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def switch_column(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0", primary_key=key)


def bytes_column(name: str, *, key: bool = False, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=key, nullable=null)
