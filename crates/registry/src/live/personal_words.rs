//! Which names look as if they held personal data, in English and in Japanese, romanised or not.

/// What a name looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Like anything.
    Plain,
    /// Personal in a table about people, such as `name` or `city`.
    PerhapsPersonal,
    /// Personal wherever it stands, such as `email`.
    Personal,
}

const PERSONAL: &[&str] = &[
    "address",
    "addr",
    "birth",
    "birthday",
    "birthdate",
    "birthplace",
    "dob",
    "email",
    "mail",
    "firstname",
    "forename",
    "fullname",
    "gender",
    "iban",
    "imei",
    "ip",
    "ipaddr",
    "jusho",
    "juusho",
    "jyusho",
    "kana",
    "furigana",
    "lastname",
    "lat",
    "latitude",
    "lon",
    "lng",
    "longitude",
    "mobile",
    "mynumber",
    "namae",
    "nationality",
    "nickname",
    "passport",
    "phone",
    "salary",
    "seibetsu",
    "seinengappi",
    "shimei",
    "ssn",
    "surname",
    "tanjobi",
    "tanjoubi",
    "tel",
    "telephone",
    "denwa",
    "keitai",
    "fax",
    "useragent",
    "username",
    "yubin",
    "yuubin",
    "zip",
    "zipcode",
    "postcode",
    "religion",
    "ethnicity",
    "medical",
    "password",
    "selfie",
];

const PERHAPS: &[&str] = &[
    "age",
    "avatar",
    "card",
    "cell",
    "city",
    "comment",
    "contact",
    "device",
    "geo",
    "handle",
    "kaiin",
    "kokyaku",
    "location",
    "login",
    "mei",
    "memo",
    "name",
    "nenrei",
    "note",
    "photo",
    "postal",
    "recipient",
    "sei",
    "sex",
    "signature",
    "street",
    "town",
    "bio",
    "picture",
    "lang",
    "ua",
];

/// Personal wherever they stand in a name whose separators are taken out.
const ANYWHERE: &[&str] = &[
    "mynumber",
    "kojinbango",
    "deviceid",
    "advertisingid",
    "emailaddress",
    "ipaddress",
    "phonenumber",
    "useragent",
    "dateofbirth",
    "socialsecurity",
    "creditcard",
    "cardnumber",
    "accountnumber",
    "bankaccount",
    "fullname",
    "firstname",
    "lastname",
    "familyname",
    "givenname",
    "middlename",
    "maidenname",
    "氏名",
    "名前",
    "姓名",
    "フリガナ",
    "カナ",
    "電話",
    "携帯",
    "住所",
    "郵便",
    "メール",
    "生年月日",
    "誕生日",
    "性別",
    "年齢",
    "口座",
    "マイナンバー",
    "個人番号",
];

/// Last words of names that are about something else: `email_verified_at`, `address_id`.
const ABOUT_ELSE: &[&str] = &[
    "id", "ids", "at", "on", "type", "kind", "status", "count", "flag", "verified", "enabled", "template",
    "rate",
];

/// What a column's name looks like.
pub(super) fn look(name: &str) -> Look {
    let words = words(name);
    let joined = words.concat();
    if ANYWHERE.iter().any(|part| joined.contains(part)) {
        return Look::Personal;
    }
    if words.last().is_some_and(|last| ABOUT_ELSE.contains(&last.as_str())) {
        return Look::Plain;
    }
    let among = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if among(PERSONAL) {
        Look::Personal
    } else if among(PERHAPS) {
        Look::PerhapsPersonal
    } else {
        Look::Plain
    }
}

/// The words of a name, in lower case, without the digits and the plural at their ends.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_small) {
            words.push(String::new());
        }
        after_small = c.is_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.into_iter().map(|word| singular(&word)).filter(|word| !word.is_empty()).collect()
}

fn singular(word: &str) -> String {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = word.strip_suffix("es").filter(|stem| stem.ends_with("ss"));
    let stem = stem.or_else(|| word.strip_suffix('s').filter(|stem| stem.len() > 3 && !stem.ends_with('s')));
    stem.unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_names_are_seen() {
        let names = [
            "email",
            "e_mail",
            "contactEmail",
            "EMAIL2",
            "emails",
            "home_addresses",
            "tel1",
            "shimei_kana",
            "my_number",
            "MyNumber",
            "last_ip",
            "remoteIp",
            "lat",
            "GPS_Longitude",
            "date_of_birth",
            "氏名",
            "自宅電話番号",
            "device_id",
            "first_name",
            "seinengappi",
        ];
        for name in names {
            assert_eq!(look(name), Look::Personal, "{name}");
        }
    }

    #[test]
    fn names_that_depend_on_the_table() {
        for name in ["name", "city", "note", "avatar"] {
            assert_eq!(look(name), Look::PerhapsPersonal, "{name}");
        }
    }

    #[test]
    fn plain_names_are_left_alone() {
        let names = [
            "id",
            "address_id",
            "email_verified_at",
            "total",
            "placed_at",
            "latency",
            "shipping",
            "template",
            "telemetry",
            "zipped",
            "description",
            "status",
            "mail_template",
            "",
        ];
        for name in names {
            assert_eq!(look(name), Look::Plain, "{name}");
        }
    }
}
