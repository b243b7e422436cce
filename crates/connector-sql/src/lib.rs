//! PostgreSQL, MySQL, MariaDB and SQLite as data stores.
