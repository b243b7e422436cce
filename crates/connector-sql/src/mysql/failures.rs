//! What error numbers mean (MySQL server error reference; the same numbers in MariaDB).

use sqlx::{error::DatabaseError, mysql::MySqlDatabaseError};

use crate::failure::Cause;

pub(super) fn cause(error: &dyn DatabaseError) -> Cause {
    let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() else { return Cause::Other };
    match error.number() {
        1146 | 1051 | 1109 => Cause::UnknownTable,
        1054 => Cause::UnknownColumn,
        1044 | 1045 | 1049 | 1142 | 1143 | 1227 | 1290 | 1370 | 1698 => Cause::Denied,
        1205 | 1213 | 1020 | 1412 | 1615 => Cause::Conflict,
        1969 | 3024 | 1317 => Cause::Timeout,
        1040 | 1203 | 1226 => Cause::Busy,
        // 1 to 31 are errors of files, such as a full disk.
        1..=31 | 1053 | 1077 | 1079 | 1152..=1161 | 1184 | 1927 | 2002..=2013 | 1021 | 1114 | 1030 => {
            Cause::Away
        }
        1022 | 1048 | 1062 | 1169 | 1216 | 1217 | 1451 | 1452 | 1557 | 1761 | 1762 | 3819 | 4025 => {
            Cause::Constraint
        }
        1264 | 1265 | 1292 | 1366 | 1406 | 1364 | 1367 | 1411 | 3140 => Cause::Value,
        1064 | 1149 | 1267 | 1271 => Cause::Syntax,
        _ => Cause::Other,
    }
}
