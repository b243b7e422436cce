//! Manifests against live schemas.

use habeas_domain::schema::{CollectionSchema, FieldSchema, FieldType, Obstacle, Reference};
use habeas_registry::{Code, Manifest, Severity, check_live};

use crate::{
    column::{column, field, name, refers, required, table},
    lines, store,
};

fn people(fields: &str) -> Manifest {
    store(
        "s",
        &format!(
            "[[collection]]\nname = \"people\"\nfields.email = {{ key = \"email\", category = \"user.email\", delete = \"mask-email\" }}\nfields.id = {{ key = \"no\" }}\n{fields}"
        ),
    )
}

fn table_of(columns: Vec<FieldSchema>) -> CollectionSchema {
    let mut all = vec![required("id", FieldType::Int), required("email", FieldType::Text)];
    all.extend(columns);
    table("people", all)
}

fn codes(manifest: &Manifest, schemas: &[CollectionSchema]) -> Vec<(Severity, Code)> {
    check_live(manifest, schemas).iter().map(|finding| (finding.severity, finding.code)).collect()
}

/// What is found about one field `x` with this effect in this column.
fn effect(effect: &str, column: FieldSchema) -> Vec<Code> {
    let manifest = people(&format!("fields.x = {{ category = \"user.x\", delete = {effect} }}"));
    check_live(&manifest, &[table_of(vec![column])]).iter().map(|finding| finding.code).collect()
}

#[test]
fn a_store_that_fits_has_no_finding() {
    let company = crate::company();
    let support = company.manifest(&habeas_domain::StoreName::new("support").unwrap()).unwrap();
    let mut message = table(
        "message",
        vec![
            required("id", FieldType::Int),
            column("reply_to", FieldType::Int),
            required("contact_no", FieldType::Int),
            column("body", FieldType::Text),
        ],
    );
    message.references = vec![refers("reply_to", "message", false), refers("contact_no", "contact", false)];
    let contact =
        table("contact", vec![required("contact_no", FieldType::Int), required("address", FieldType::Text)]);
    let other = table("setting", vec![required("id", FieldType::Int), column("name", FieldType::Text)]);
    assert_eq!(check_live(support, &[message, contact, other]), []);
}

#[test]
fn effects_that_a_column_cannot_take() {
    let text = || column("x", FieldType::Text);
    let short = |most| FieldSchema { max_chars: Some(most), ..text() };
    assert_eq!(effect("\"null\"", required("x", FieldType::Text)), [Code::NotNullable]);
    assert_eq!(effect("\"null\"", column("x", FieldType::Other)), []);
    assert_eq!(effect("\"mask-email\"", short(37)), [Code::TooShort]);
    assert_eq!(effect("\"mask-email\"", short(38)), []);
    assert_eq!(effect("\"hash\"", column("x", FieldType::Int)), [Code::EffectType]);
    assert_eq!(effect("\"hash\"", short(38)), [Code::TooShort]);
    assert_eq!(effect("\"mask-text\"", short(2)), []);
    assert_eq!(effect("\"mask-text\"", column("x", FieldType::Date)), [Code::EffectType]);
    assert_eq!(effect("\"mask-phone\"", column("x", FieldType::Int)), []);
    assert_eq!(effect("\"anonymise\"", column("x", FieldType::Date)), []);
    assert_eq!(effect("\"anonymise\"", column("x", FieldType::Other)), [Code::EffectType]);
    assert_eq!(effect("{ rewrite = \"none\" }", short(3)), [Code::TooShort]);
    assert_eq!(effect("{ rewrite = \"none\" }", column("x", FieldType::Int)), [Code::EffectType]);
    assert_eq!(effect("{ rewrite = \"-1\" }", column("x", FieldType::Int)), []);
    assert_eq!(effect("{ rewrite = \"1970-01-01\" }", column("x", FieldType::DateTime)), []);
    assert_eq!(effect("\"null\"", FieldSchema { generated: true, ..text() }), [Code::Generated]);
}

#[test]
fn values_that_may_not_repeat() {
    let unique = |effect: &str, set: &[&str]| {
        let manifest = people(&format!("fields.x = {{ category = \"user.x\", delete = \"{effect}\" }}"));
        let mut people = table_of(vec![column("x", FieldType::Text)]);
        people.unique.push(set.iter().map(|name| field(name)).collect());
        codes(&manifest, &[people])
    };
    assert_eq!(unique("anonymise", &["x"]), [(Severity::Error, Code::UniqueValues)]);
    assert_eq!(unique("mask-phone", &["x"]), [(Severity::Error, Code::UniqueValues)]);
    assert_eq!(unique("anonymise", &["id", "x"]), [(Severity::Warning, Code::UniqueValues)]);
    for effect in ["null", "hash", "mask-email"] {
        assert_eq!(unique(effect, &["x"]), []);
    }
}

#[test]
fn columns_that_rows_hang_on() {
    let manifest = people("fields.x = { category = \"user.x\", delete = \"hash\" }");
    let mut people = table_of(vec![column("x", FieldType::Text)]);
    people.references.push(refers("x", "elsewhere", false));
    assert_eq!(codes(&manifest, &[people.clone()]), [(Severity::Error, Code::BreaksReference)]);
    people.references.clear();
    let mut badge = table("badge", vec![required("id", FieldType::Int), column("x", FieldType::Text)]);
    badge.references.push(Reference { to_fields: vec![field("x")], ..refers("x", "people", false) });
    assert_eq!(codes(&manifest, &[people.clone(), badge]), [(Severity::Error, Code::Referenced)]);
    people.identity = vec![field("x")];
    assert_eq!(codes(&manifest, &[people.clone()]), [(Severity::Error, Code::IdentifiesRows)]);
    people.identity.clear();
    assert_eq!(codes(&manifest, &[people]), [(Severity::Error, Code::NoIdentity)]);
}

#[test]
fn corrections_that_a_column_cannot_hold() {
    let correct = |meaning: &str, column: FieldSchema| {
        let manifest = people(&format!(
            "fields.x = {{ category = \"user.x\", delete = \"null\", correct = \"{meaning}\" }}"
        ));
        codes(&manifest, &[table_of(vec![column])])
    };
    let refused = [(Severity::Error, Code::CorrectionType)];
    assert_eq!(correct("date", column("x", FieldType::Date)), []);
    assert_eq!(correct("date", column("x", FieldType::Int)), refused);
    assert_eq!(correct("number", column("x", FieldType::Decimal)), []);
    assert_eq!(correct("number", column("x", FieldType::Text)), refused);
    assert_eq!(correct("email", column("x", FieldType::Json)), refused);
}

fn keep(until: FieldSchema) -> Vec<(Severity, Code)> {
    let keep = "keep = { reason = \"law\", until = \"made_on + 1y\" }";
    codes(&people(keep), &[table_of(vec![until])])
}

#[test]
fn ends_that_never_come() {
    let warned = [(Severity::Warning, Code::EndMayBeMissing)];
    assert_eq!(keep(required("made_on", FieldType::Timestamp)), []);
    assert_eq!(keep(column("made_on", FieldType::Date)), warned);
    assert_eq!(keep(required("made_on", FieldType::Text)), warned);
    assert_eq!(keep(required("made_on", FieldType::Bool)), [(Severity::Error, Code::NotADate)]);
    assert_eq!(keep(required("made_at", FieldType::Date)), [(Severity::Error, Code::UnknownField)]);
}

#[test]
fn keys_that_cannot_be_looked_up() {
    let mut people = table_of(Vec::new());
    people.fields[0].kind = FieldType::Float;
    people.indexed.clear();
    let findings = codes(&self::people(""), &[people]);
    assert_eq!(findings, [(Severity::Error, Code::KeyType), (Severity::Warning, Code::KeyWithoutIndex)]);
}

const PARENT: &str = "[[collection]]\nname = \"people\"\nfields.email = { key = \"email\", category = \"user.email\" }\ndelete = \"rows\"\n";

/// What is found when rows of `visit` refer to rows of `people`, which go.
fn referring(visit: &str, follows: bool) -> Vec<(Severity, Code)> {
    let manifest = store("s", &format!("{PARENT}{visit}"));
    let mut visits = table(
        "visit",
        vec![
            required("id", FieldType::Int),
            column("who", FieldType::Int),
            required("made_on", FieldType::Date),
        ],
    );
    visits.references.push(refers("who", "people", follows));
    codes(&manifest, &[table_of(Vec::new()), visits])
}

fn visit(rest: &str) -> String {
    format!("[[collection]]\nname = \"visit\"\nfields.id = {{ key = \"email\" }}\n{rest}")
}

#[test]
fn rows_that_others_refer_to() {
    let stay = [(Severity::Error, Code::ReferencingRowsStay)];
    let kept = "delete = \"rows\"\nkeep = { reason = \"law\", until = \"made_on + 1y\" }\n";
    assert_eq!(referring("", false), stay, "not declared");
    assert_eq!(referring("", true), [], "the store follows");
    assert_eq!(referring(&visit("delete = \"rows\"\n"), false), []);
    assert_eq!(referring(&visit(kept), false), stay);
    assert_eq!(referring(&visit(kept), true), [(Severity::Error, Code::KeptRowsGo)]);
    let emptied = "[[collection]]\nname = \"visit\"\nfields.id = { key = \"no\" }\nfields.who = { key = \"email\", delete = \"null\" }\n";
    assert_eq!(referring(emptied, false), [], "what refers is emptied before");
}

#[test]
fn what_the_manifest_forgot() {
    let columns = vec![
        column("phone", FieldType::Text),
        column("name", FieldType::Text),
        column("email_verified", FieldType::Bool),
        column("total", FieldType::Int),
    ];
    let leads = table("leads", vec![required("id", FieldType::Int), column("mail", FieldType::Text)]);
    let product = table("product", vec![required("id", FieldType::Int), column("name", FieldType::Text)]);
    let findings = check_live(&people(""), &[table_of(columns), leads, product]);
    insta::assert_snapshot!(lines(&findings));
}

#[test]
fn names_that_the_store_does_not_know() {
    let manifest = people(
        "fields.phnoe = { category = \"user.phone\", delete = \"null\" }\n[[collection]]\nname = \"Peopel\"\nfields.e = { key = \"email\", category = \"user.email\" }\ndelete = \"rows\"\n",
    );
    let findings = check_live(&manifest, &[table_of(vec![column("phone", FieldType::Text)])]);
    insta::assert_snapshot!(lines(&findings));
}

#[test]
fn a_circle_that_cannot_be_untied() {
    let manifest = store("s", &format!("{PARENT}{}", visit("delete = \"rows\"\n")));
    let mut people = table_of(vec![required("visit", FieldType::Int)]);
    people.references.push(refers("visit", "visit", false));
    let mut visits = table("visit", vec![required("id", FieldType::Int), required("who", FieldType::Int)]);
    visits.references.push(refers("who", "people", false));
    let findings = check_live(&manifest, &[people, visits]);
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::ReferenceCycle]);
    assert_eq!(findings[0].collection, Some(name("people")));
}

#[test]
fn a_question_fits_its_column() {
    let asks = |kind: &str, column: FieldSchema| {
        let ask = format!("ask = {{ kind = \"{kind}\", question = {{ en = \"Which?\", ja = \"どれ?\" }} }}");
        let field = format!("fields.x = {{ category = \"user.x\", delete = \"null\", {ask} }}");
        check_live(&people(&field), &[table_of(vec![column])]).iter().map(|one| one.code).collect::<Vec<_>>()
    };
    for (kind, fits, not) in [
        ("month", FieldType::Date, FieldType::Bool),
        ("amount", FieldType::Decimal, FieldType::Date),
        ("text", FieldType::Text, FieldType::Json),
        ("digits", FieldType::Int, FieldType::Bytes),
    ] {
        assert_eq!(asks(kind, column("x", fits)), [], "{kind}");
        assert_eq!(asks(kind, column("x", not)), [Code::QuestionType], "{kind}");
    }
}

/// What the database itself does or hides, whatever a manifest says.
#[test]
fn obstacles_to_a_deletion_that_can_be_proven() {
    let found = |manifest: &Manifest, obstacle| {
        codes(manifest, &[CollectionSchema { obstacles: vec![obstacle], ..table_of(Vec::new()) }])
    };
    let deletes = people("");
    let obstacles = [
        (Obstacle::NoTransactions, Code::NoTransactions),
        (Obstacle::KeepsHistory, Code::HistoryStays),
        (Obstacle::HidesRows, Code::RowsHidden),
    ];
    for (obstacle, code) in obstacles {
        assert_eq!(found(&deletes, obstacle), [(Severity::Error, code)]);
    }
    let remains = "[[collection]]\nname = \"people\"\nfields.email = { key = \"email\", category = \"user.email\", remains = \"why\" }\nfields.id = { internal = true }\n";
    let copies = store("s", remains);
    assert_eq!(found(&copies, Obstacle::KeepsHistory), [], "nothing is changed there");
    assert_eq!(
        found(&copies, Obstacle::HidesRows),
        [(Severity::Error, Code::RowsHidden)],
        "a copy would lack rows"
    );
}

/// A review of somebody's wares is its writer's.
#[test]
fn rows_of_others_that_the_store_takes_along() {
    let wares = |review: &str| {
        store(
            "s",
            &format!(
                "[[collection]]\nname = \"ware\"\ndelete = \"rows\"\nfields.id = {{ key = \"ware\" }}\nfields.seller = {{ key = \"email\" }}\n\
                 [[collection]]\nname = \"review\"\ndelete = \"rows\"\nfields.writer = {{ key = \"email\" }}\nfields.of = {review}\n"
            ),
        )
    };
    let ware = table("ware", vec![required("id", FieldType::Int), column("seller", FieldType::Text)]);
    let fields =
        vec![required("id", FieldType::Int), column("writer", FieldType::Text), column("of", FieldType::Int)];
    let mut review = table("review", fields);
    let of = |manifest: &Manifest, review: &CollectionSchema| -> Vec<(Severity, Code)> {
        codes(manifest, &[ware.clone(), review.clone()])
            .into_iter()
            .filter(|one| one.1 == Code::OthersRowsGo)
            .collect()
    };
    review.references = vec![refers("of", "ware", true)];
    let taken = [(Severity::Warning, Code::OthersRowsGo)];
    assert_eq!(of(&wares("{ internal = true }"), &review), taken);
    assert_eq!(
        of(&wares("{ key = \"ware\" }"), &review),
        [],
        "the key says that they are the seller's as well"
    );
    review.references = vec![refers("of", "ware", false)];
    assert_eq!(of(&wares("{ internal = true }"), &review), []);
}
