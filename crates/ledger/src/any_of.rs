use sea_orm::Condition;

/// How many conditions stand side by side.
const BESIDE: usize = 64;

/// Any of these conditions, however many. Side by side they would nest as deep as they are many, in the library that
/// writes the statement and in the database that reads it; in groups they do not.
pub(crate) fn any_of(conditions: impl IntoIterator<Item = Condition>) -> Condition {
    let mut level: Vec<Condition> = conditions.into_iter().collect();
    while level.len() > BESIDE {
        let groups = level.chunks(BESIDE);
        level = groups.map(|group| group.iter().cloned().fold(Condition::any(), Condition::add)).collect();
    }
    level.into_iter().fold(Condition::any(), Condition::add)
}
