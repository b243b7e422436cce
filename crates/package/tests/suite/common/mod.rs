//! A fictional person's data, and a key to sign with.

use std::{collections::BTreeMap, io::Read};

use chrono::{DateTime, NaiveDate, Utc};
use ed25519_dalek::{Signer, SigningKey, Verifier};
use habeas_domain::{
    Bilingual, Category, CollectionName, FieldName, Language, Right, StoreName, Value, schema::FieldType,
};
use habeas_package::{
    BoxError, Check, CollectionInfo, FieldInfo, PackageInfo, PackageWriter, RowSource, Rows, Sign,
    SignatureBytes, Summary, VerifiedPackage, VerifyError, Withheld,
};

/// A key made from a seed, so that signatures are the same in every run.
pub(crate) struct TestKey(SigningKey);

impl TestKey {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_bytes(&[seed; 32]))
    }

    fn id(&self) -> String {
        format!("test-{}", self.0.to_bytes()[0])
    }
}

impl Sign for TestKey {
    fn sign(&self, bytes: &[u8]) -> Result<SignatureBytes, BoxError> {
        Ok(SignatureBytes { key_id: self.id(), bytes: self.0.sign(bytes).to_bytes().to_vec() })
    }

    fn public_key_text(&self) -> String {
        format!("ed25519:{}:{}", self.id(), hex::encode(self.0.verifying_key().to_bytes()))
    }

    fn message_format(&self) -> String {
        "The message is those bytes.".to_owned()
    }
}

impl Check for TestKey {
    fn check(&self, signature: &SignatureBytes, bytes: &[u8]) -> Result<(), BoxError> {
        if signature.key_id != self.id() {
            return Err("unknown key".into());
        }
        let signature = ed25519_dalek::Signature::from_slice(&signature.bytes)?;
        Ok(self.0.verifying_key().verify(bytes, &signature)?)
    }
}

pub(crate) fn both(en: &str, ja: &str) -> Bilingual {
    Bilingual { en: en.to_owned(), ja: ja.to_owned() }
}

pub(crate) fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub(crate) fn info(right: Right, language: Language) -> PackageInfo {
    PackageInfo {
        request: "0193b5c0-0000-7000-8000-000000000042".parse().unwrap(),
        right,
        language,
        controller: "Example Stationery K.K.".to_owned(),
        regime: both("Act on the Protection of Personal Information (Japan)", "個人情報の保護に関する法律"),
        complaint: both(
            "You can complain to the Personal Information Protection Commission (https://www.ppc.example.jp/).",
            "個人情報保護委員会（https://www.ppc.example.jp/）に苦情を申し立てることができます。",
        ),
        created_at: moment("2026-11-21T03:04:05Z"),
        notice_version: Some("2026-04".to_owned()),
        undone: Vec::new(),
        kept: Vec::new(),
    }
}

pub(crate) fn field(
    name: &str,
    title: Option<(&str, &str)>,
    category: Option<&str>,
    kind: FieldType,
) -> FieldInfo {
    FieldInfo {
        name: FieldName::new(name).unwrap(),
        title: title.map(|(en, ja)| both(en, ja)),
        category: category.map(|category| Category::new(category).unwrap()),
        kind,
    }
}

pub(crate) fn collection(
    store: &str,
    product: &str,
    name: &str,
    title: (&str, &str),
    fields: Vec<FieldInfo>,
) -> CollectionInfo {
    CollectionInfo {
        store: StoreName::new(store).unwrap(),
        product: product.to_owned(),
        collection: CollectionName::new(name).unwrap(),
        title: both(title.0, title.1),
        fields,
    }
}

/// Rows in memory.
pub(crate) struct Table(pub(crate) Vec<Vec<Value>>);

impl RowSource for Table {
    fn size(&self) -> Option<u64> {
        Some(self.0.len() as u64 * 1024)
    }

    fn open(&mut self) -> Result<Rows<'_>, BoxError> {
        Ok(Box::new(self.0.iter().cloned().map(Ok)))
    }
}

/// What one collection is made of.
pub(crate) type Part = (CollectionInfo, Vec<Vec<Value>>);

pub(crate) fn parts() -> Vec<Part> {
    vec![customer(), orders(), logins()]
}

fn customer() -> Part {
    let info = collection(
        "shop",
        "Online Shop",
        "customer",
        ("Customer account", "お客様アカウント"),
        vec![
            field("id", Some(("Customer number", "お客様番号")), Some("user.unique_id"), FieldType::Int),
            field(
                "email",
                Some(("Email address", "メールアドレス")),
                Some("user.contact.email"),
                FieldType::Text,
            ),
            field("name", Some(("Name", "お名前")), Some("user.name"), FieldType::Text),
            field(
                "birthday",
                Some(("Date of birth", "生年月日")),
                Some("user.demographic.date_of_birth"),
                FieldType::Date,
            ),
            field("newsletter", None, Some("user.preferences"), FieldType::Bool),
            field("note", None, None, FieldType::Text),
        ],
    );
    let row = vec![
        Value::Int(42),
        text("hanako@example.jp"),
        text("見本 花子"),
        Value::Date(NaiveDate::from_ymd_opt(1990, 4, 1).unwrap()),
        Value::Bool(false),
        Value::Null,
    ];
    (info, vec![row])
}

fn orders() -> Part {
    let info = collection(
        "shop",
        "Online Shop",
        "public.orders",
        ("Orders", "ご注文"),
        vec![
            field("id", Some(("Order number", "注文番号")), None, FieldType::Int),
            field("placed_at", Some(("Placed at", "注文日時")), None, FieldType::Timestamp),
            field(
                "total",
                Some(("Total (JPY)", "合計金額（円）")),
                Some("user.financial"),
                FieldType::Decimal,
            ),
            field("address", Some(("Address", "お届け先")), Some("user.contact.address"), FieldType::Text),
            field("lines", Some(("Lines", "明細")), Some("user.behavior.purchase_history"), FieldType::Json),
        ],
    );
    let rows = (1..=3)
        .map(|number| {
            vec![
                Value::Int(7000 + number),
                Value::Timestamp(moment(&format!("2026-0{number}-14T09:26:53Z"))),
                Value::Decimal(if number == 3 { "-480.00".to_owned() } else { format!("{number}980.00") }),
                text("東京都架空区見本町一丁目2番3号\n見本ハイツ405"),
                Value::Json(serde_json::json!([{ "sku": "PEN-01", "count": number }])),
            ]
        })
        .collect();
    (info, rows)
}

fn logins() -> Part {
    let info = collection(
        "id",
        "Accounts",
        "login",
        ("Sign-ins", "ログイン履歴"),
        vec![
            field("at", Some(("Time", "日時")), None, FieldType::Timestamp),
            field("ip", Some(("IP address", "IPアドレス")), Some("user.device.ip_address"), FieldType::Text),
            field("agent", Some(("Browser", "ブラウザー")), Some("user.device"), FieldType::Text),
        ],
    );
    let rows = (0..1234)
        .map(|number| {
            let at = moment("2026-01-01T00:00:00Z") + chrono::Duration::hours(number * 6);
            vec![
                Value::Timestamp(at),
                text(&format!("192.0.2.{}", number % 255)),
                text("ExampleBrowser/1.0 (Fictional OS)"),
            ]
        })
        .collect();
    (info, rows)
}

pub(crate) fn withheld() -> Vec<Withheld> {
    vec![
        Withheld {
            what: both("Fraud checks", "不正利用の検知記録"),
            reason: both(
                "Showing them would make it easier to get round the checks (art. 33(2)(ii)).",
                "開示すると、不正利用の検知に著しい支障をきたすおそれがあるため（第33条第2項第2号）。",
            ),
            until: NaiveDate::from_ymd_opt(2031, 3, 31),
            rows: 2,
        },
        Withheld {
            what: both("Messages from other people", "ほかの方からのメッセージ"),
            reason: both("They are also other people's data.", "ほかの方の個人データでもあるため。"),
            until: None,
            rows: 1,
        },
    ]
}

pub(crate) fn write(info: PackageInfo, parts: Vec<Part>, withheld: &[Withheld]) -> (Summary, Vec<u8>) {
    let mut writer = PackageWriter::new(Vec::new(), info).unwrap();
    for (info, rows) in parts {
        writer.collection(info, &mut Table(rows)).unwrap();
    }
    writer.withheld(withheld);
    writer.finish(&TestKey::new(7)).unwrap()
}

pub(crate) fn verify(package: &[u8]) -> Result<VerifiedPackage, VerifyError> {
    habeas_package::verify(std::io::Cursor::new(package), &TestKey::new(7))
}

/// The content of every file.
pub(crate) fn unpack(package: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(package)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

pub(crate) fn unpacked_text(package: &[u8], path: &str) -> String {
    String::from_utf8(unpack(package).remove(path).unwrap()).unwrap()
}
