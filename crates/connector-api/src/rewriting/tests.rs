use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;

const SALT: EffectSalt = EffectSalt::new([7; 32]);

fn field(kind: FieldType, max_chars: Option<u32>) -> FieldSchema {
    FieldSchema { name: FieldName::new("f").unwrap(), kind, nullable: true, max_chars, generated: false }
}

fn effect(effect: &Effect, id: i64, old: &Value, field: &FieldSchema) -> Result<Value, CannotRewrite> {
    let collection = CollectionName::new("customer").unwrap();
    let identity = [Value::Int(id)];
    let row = RowContext { salt: &SALT, collection: &collection, identity: &identity };
    apply_effect(effect, row, old, field)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn after(which: &Effect, old: &Value) -> Value {
    let kind = FieldType::of(old).unwrap_or(FieldType::Text);
    effect(which, 1, old, &field(kind, None)).unwrap()
}

#[test]
fn masked_addresses_are_unique_per_row_and_tell_nothing() {
    let field = field(FieldType::Text, Some(38));
    let first = effect(&Effect::MaskEmail, 1, &text("taro@example.jp"), &field).unwrap();
    let second = effect(&Effect::MaskEmail, 2, &text("taro@example.jp"), &field).unwrap();
    assert_ne!(first, second);
    assert_eq!(effect(&Effect::MaskEmail, 1, &text("hanako@example.jp"), &field).unwrap(), first);
    let shown = first.to_text();
    assert!(shown.starts_with("erased-") && shown.ends_with("@erased.invalid"), "{shown}");
    assert_eq!(shown.len(), 38);
    let hashed = effect(&Effect::Hash, 1, &text("taro@example.jp"), &self::field(FieldType::Text, Some(39)));
    assert!(is_erased_address(&shown) && is_erased_address(&hashed.unwrap().to_text()));
    assert!(!is_erased_address("taro@example.jp") && !is_erased_address("erased-@erased.invalid"));
}

#[test]
fn masked_phones_keep_their_shape() {
    assert_eq!(
        after(&Effect::MaskPhone, &text("+81 (90) 1234-5678 ext. Taro")),
        text("+00 (00) 0000-0000 xxx. xxxx")
    );
    assert_eq!(after(&Effect::MaskPhone, &text("０９０ー１２３４")), text("000ー0000"));
    assert_eq!(after(&Effect::MaskPhone, &Value::Int(819_012)), Value::Int(0));
}

#[test]
fn masked_text_hides_its_length() {
    assert_eq!(after(&Effect::MaskText, &text("a")), after(&Effect::MaskText, &text("山田 太郎")));
    assert_eq!(effect(&Effect::MaskText, 1, &text("山田"), &field(FieldType::Text, Some(2))), Ok(text("**")));
}

#[test]
fn equal_values_stay_equal_under_a_hash() {
    let (one, two) = (after(&Effect::Hash, &text("a")), after(&Effect::Hash, &text("a")));
    assert_eq!(one, two);
    assert_ne!(one, after(&Effect::Hash, &text("b")));
    assert_eq!(one.to_text().len(), 39);
}

#[test]
fn anonymised_values_keep_only_the_year() {
    let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
    assert_eq!(after(&Effect::Anonymise, &Value::Date(date(1985, 7, 3))), Value::Date(date(1985, 1, 1)));
    let moment = date(2024, 12, 31).and_hms_opt(23, 59, 59).unwrap().and_utc();
    let year = date(2024, 1, 1).and_hms_opt(0, 0, 0).unwrap().and_utc();
    assert_eq!(after(&Effect::Anonymise, &Value::Timestamp(moment)), Value::Timestamp(year));
    assert_eq!(after(&Effect::Anonymise, &Value::Decimal("12.50".into())), Value::Decimal("0".into()));
}

#[test]
fn nothing_is_left_nothing() {
    for which in [Effect::MaskEmail, Effect::MaskPhone, Effect::MaskText, Effect::Hash, Effect::Anonymise] {
        assert_eq!(after(&which, &Value::Null), Value::Null);
    }
}

#[test]
fn what_a_field_cannot_take_is_refused() {
    let strict = FieldSchema { nullable: false, ..field(FieldType::Text, Some(10)) };
    let generated = FieldSchema { generated: true, ..field(FieldType::Text, None) };
    let number = field(FieldType::Int, None);
    for (which, on) in [
        (Effect::Null, &strict),
        (Effect::MaskEmail, &strict),
        (Effect::Hash, &strict),
        (Effect::Rewrite("eleven char".into()), &strict),
        (Effect::MaskText, &generated),
        (Effect::MaskEmail, &number),
        (Effect::Hash, &number),
        (Effect::Rewrite("abc".into()), &number),
    ] {
        assert!(effect(&which, 1, &text("x"), on).is_err(), "{which:?}");
    }
    assert!(effect(&Effect::Anonymise, 1, &text("x"), &strict).is_ok());
}

#[test]
fn a_correction_changes_only_what_was_shown() {
    let correct = |old: &Value, from: &Value, to: &str, field: &FieldSchema| {
        let wanted = Replacement { owner: 0, field: field.name.clone(), from: from.clone(), to: text(to) };
        apply_replacement(&wanted, old, field)
    };
    let name = field(FieldType::Text, Some(5));
    assert_eq!(correct(&text("Taro"), &text("Taro"), "Jiro", &name), Ok(Some(text("Jiro"))));
    assert_eq!(correct(&text("Saburo"), &text("Taro"), "Jiro", &name), Ok(None), "changed meanwhile");
    assert_eq!(correct(&text("Jiro"), &text("Taro"), "Jiro", &name), Ok(None), "already done");
    assert!(correct(&text("Taro"), &text("Taro"), "too long", &name).is_err());
    let birth = field(FieldType::Date, None);
    let day = |d| Value::Date(NaiveDate::from_ymd_opt(1990, 5, d).unwrap());
    assert_eq!(correct(&day(1), &day(1), "1990-05-02", &birth), Ok(Some(day(2))));
    assert!(correct(&day(1), &day(1), "1990-13-02", &birth).is_err());
}

fn any_effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        Just(Effect::Null),
        Just(Effect::MaskEmail),
        Just(Effect::MaskPhone),
        Just(Effect::MaskText),
        Just(Effect::Hash),
        Just(Effect::Anonymise),
        "[a-z0-9]{0,12}".prop_map(Effect::Rewrite),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Float),
        "-?[0-9]{1,9}(\\.[0-9]{1,4})?".prop_map(Value::Decimal),
        ".{0,40}".prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        (0..80_000_i32)
            .prop_map(|day| Value::Date(NaiveDate::from_num_days_from_ce_opt(700_000 + day).unwrap())),
    ]
}

proptest! {
    #[test]
    fn twice_is_once(which in any_effect(), old in any_value(), max in prop::option::of(0..60_u32), id in any::<i64>()) {
        let kind = FieldType::of(&old).unwrap_or(FieldType::Text);
        let field = field(kind, max);
        if let Ok(once) = effect(&which, id, &old, &field) {
            prop_assert!(is_applied(&which, &once, &field));
            prop_assert!(same(&effect(&which, id, &once, &field).unwrap(), &once));
        }
    }
}
