//! Shorthand for the kinds of columns that the schema is made of.

use sea_orm_migration::prelude::*;

pub(crate) fn id(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().not_null().primary_key().take()
}

pub(crate) fn uuid(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().not_null().take()
}

pub(crate) fn uuid_or_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().null().take()
}

pub(crate) fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().not_null().take()
}

pub(crate) fn text_or_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().null().take()
}

pub(crate) fn bytes(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).blob().not_null().take()
}

pub(crate) fn bytes_or_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).blob().null().take()
}

pub(crate) fn number(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().take()
}

pub(crate) fn number_or_null(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().null().take()
}

pub(crate) fn counter(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().default(0).take()
}

pub(crate) fn flag(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).boolean().not_null().default(false).take()
}

/// A moment, in microseconds since 1970.
pub(crate) fn moment(name: &str) -> ColumnDef {
    number(name)
}

/// A moment that may not have come.
pub(crate) fn moment_or_null(name: &str) -> ColumnDef {
    number_or_null(name)
}

/// Makes a table with these columns.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    name: &str,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    let mut table = Table::create();
    table.table(Alias::new(name));
    for mut column in columns {
        table.col(&mut column);
    }
    manager.create_table(table).await
}

/// Adds columns that the release before may leave out, one statement each: SQLite takes no more at once.
pub(crate) async fn add(
    manager: &SchemaManager<'_>,
    table: &str,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    for mut column in columns {
        let alter = Table::alter().table(Alias::new(table)).add_column(&mut column).to_owned();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

/// Drops columns.
pub(crate) async fn drop_columns(
    manager: &SchemaManager<'_>,
    table: &str,
    names: &[&str],
) -> Result<(), DbErr> {
    for name in names {
        let alter = Table::alter().table(Alias::new(table)).drop_column(Alias::new(*name)).to_owned();
        manager.alter_table(alter).await?;
    }
    Ok(())
}

/// Runs statements that both databases understand alike, such as partial indexes.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Drops tables, last made first.
pub(crate) async fn drop(manager: &SchemaManager<'_>, names: &[&str]) -> Result<(), DbErr> {
    for name in names {
        manager.drop_table(Table::drop().table(Alias::new(*name)).to_owned()).await?;
    }
    Ok(())
}
