//! Mail addresses.

use crate::{
    Personal,
    text::{is_control, is_invisible},
};

/// One mail address that a mail server takes without quoting: `local@domain`, the domain in ASCII and lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(Personal<String>);

/// Why an address is refused. The texts name the fix and never show the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailProblem {
    /// Nothing there.
    #[error("write one address, such as name@example.com")]
    Empty,
    /// CR, LF, NUL, or another control character.
    #[error("remove line breaks and other control characters")]
    ControlCharacter,
    /// A space, or a character that shows nothing.
    #[error("remove spaces and invisible characters")]
    Space,
    /// More than one address.
    #[error("give one address only")]
    SeveralAddresses,
    /// A name around the address.
    #[error("give the address alone, without a name or angle brackets")]
    DisplayName,
    /// No `@`.
    #[error("an address has one @, as in name@example.com")]
    NoAt,
    /// A quoted local part.
    #[error("addresses with quotes before the @ are not supported; use another address of the person")]
    QuotedLocalPart,
    /// A local part outside ASCII.
    #[error("letters before the @ must be plain ASCII; mail servers on the way may not take others")]
    LocalPartNotAscii,
    /// A local part that RFC 5321 does not allow unquoted.
    #[error(
        "the part before the @ may hold letters, digits and !#$%&'*+-/=?^_`{{|}}~, with single dots between them"
    )]
    LocalPart,
    /// A local part of more than 64 bytes (RFC 5321, 4.5.3.1.1).
    #[error("the part before the @ may have at most 64 characters")]
    LocalPartTooLong,
    /// A number in place of a domain.
    #[error("write a domain name after the @, not an IP address")]
    IpAddress,
    /// A domain of one label.
    #[error("the domain after the @ needs a dot, as in example.com")]
    DomainWithoutDot,
    /// No domain name.
    #[error("the part after the @ is not a domain name")]
    Domain,
    /// More than 254 bytes in all (RFC 5321, 4.5.3.1.3).
    #[error("an address may have at most 254 characters")]
    TooLong,
}

impl EmailProblem {
    /// A short stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::ControlCharacter => "control-character",
            Self::SeveralAddresses => "several-addresses",
            Self::LocalPartTooLong | Self::TooLong => "too-long",
            Self::QuotedLocalPart | Self::LocalPartNotAscii => "unsupported",
            Self::Space
            | Self::DisplayName
            | Self::NoAt
            | Self::LocalPart
            | Self::IpAddress
            | Self::DomainWithoutDot
            | Self::Domain => "malformed",
        }
    }
}

impl EmailAddress {
    /// The longest address (RFC 5321, 4.5.3.1.3: a path of 256 with its brackets).
    pub const MAX_BYTES: usize = 254;
    const MAX_LOCAL_BYTES: usize = 64;

    /// Checks and wraps one address. International domains become ASCII (IDNA, UTS 46).
    pub fn parse(raw: &str) -> Result<Self, EmailProblem> {
        check_characters(raw)?;
        let (local, domain) = split(raw)?;
        check_local(local)?;
        let domain = ascii_domain(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > Self::MAX_BYTES {
            return Err(EmailProblem::TooLong);
        }
        Ok(Self(Personal::new(address)))
    }

    /// The address, as mail is sent to it.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }

    /// The address as people are looked up by it: all in lower case. Plus-tags and dots stay: to a mail server they
    /// are different mailboxes.
    pub fn lookup_form(&self) -> Personal<String> {
        Personal::new(self.as_str().to_lowercase())
    }

    /// The forms that a store may hold it in, in lower case: as it is looked up, and with an international domain in its own
    /// letters (RFC 5890, 2.3.2.1: U-labels) where it has one.
    pub fn spellings(&self) -> Vec<Personal<String>> {
        let form = self.lookup_form();
        let shown = form.expose().split_once('@').and_then(|(local, domain)| {
            let (shown, problems) = idna::domain_to_unicode(domain);
            (problems.is_ok() && shown != domain).then(|| Personal::new(format!("{local}@{shown}")))
        });
        std::iter::once(form).chain(shown).collect()
    }

    /// A form that its owner recognises and nobody else can use, such as `h…@e….jp`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.as_str().split_once('@').unwrap_or_default();
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        let top = domain.rsplit('.').next().unwrap_or_default();
        format!("{}…@{}….{top}", first(local), first(domain))
    }

    /// The address as personal data.
    pub fn into_personal(self) -> Personal<String> {
        self.0
    }
}

fn check_characters(raw: &str) -> Result<(), EmailProblem> {
    if raw.is_empty() {
        return Err(EmailProblem::Empty);
    }
    // International domains shrink or grow in ASCII; four times the limit is beyond any address.
    if raw.len() > EmailAddress::MAX_BYTES * 4 {
        return Err(EmailProblem::TooLong);
    }
    if raw.chars().any(is_control) {
        return Err(EmailProblem::ControlCharacter);
    }
    if raw.contains(['<', '>']) {
        return Err(EmailProblem::DisplayName);
    }
    if raw.contains('"') {
        return Err(EmailProblem::QuotedLocalPart);
    }
    if raw.contains([',', ';', '、', '，', '；']) {
        return Err(EmailProblem::SeveralAddresses);
    }
    if raw.chars().any(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(EmailProblem::Space);
    }
    Ok(())
}

fn split(raw: &str) -> Result<(&str, &str), EmailProblem> {
    let (local, domain) = raw.split_once('@').ok_or(EmailProblem::NoAt)?;
    if domain.contains('@') {
        return Err(EmailProblem::SeveralAddresses);
    }
    Ok((local, domain))
}

fn check_local(local: &str) -> Result<(), EmailProblem> {
    if !local.is_ascii() {
        return Err(EmailProblem::LocalPartNotAscii);
    }
    if local.len() > EmailAddress::MAX_LOCAL_BYTES {
        return Err(EmailProblem::LocalPartTooLong);
    }
    let atom = |part: &str| !part.is_empty() && part.bytes().all(is_atom_text);
    if local.split('.').all(atom) { Ok(()) } else { Err(EmailProblem::LocalPart) }
}

/// `atext` of RFC 5322, 3.2.3.
const fn is_atom_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

fn ascii_domain(domain: &str) -> Result<String, EmailProblem> {
    if domain.starts_with('[') || domain.parse::<std::net::IpAddr>().is_ok() {
        return Err(EmailProblem::IpAddress);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailProblem::Domain)?;
    let top = ascii.rsplit('.').next().unwrap_or_default();
    if top == ascii {
        return Err(EmailProblem::DomainWithoutDot);
    }
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailProblem::IpAddress);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(raw: &str) -> EmailAddress {
        EmailAddress::parse(raw).expect(raw)
    }

    #[test]
    fn plain_addresses_pass_and_domains_become_ascii() {
        assert_eq!(address("Hanako.Yamada+news@Example.JP").as_str(), "Hanako.Yamada+news@example.jp");
        assert_eq!(address("taro@例え.テスト").as_str(), "taro@xn--r8jz45g.xn--zckzah");
        assert_eq!(address("o'neil@ｅｘａｍｐｌｅ.com").as_str(), "o'neil@example.com");
    }

    #[test]
    fn lookup_ignores_case_and_keeps_tags_and_dots() {
        assert_eq!(address("H.Y+A@Example.JP").lookup_form().expose(), "h.y+a@example.jp");
        assert_ne!(address("hy@example.jp").lookup_form(), address("h.y@example.jp").lookup_form());
        assert_ne!(address("hy+a@example.jp").lookup_form(), address("hy@example.jp").lookup_form());
    }

    #[test]
    fn an_international_domain_has_two_spellings() {
        let spelled =
            |raw| address(raw).spellings().into_iter().map(Personal::into_inner).collect::<Vec<_>>();
        let both = ["taro@xn--r8jz45g.xn--zckzah", "taro@例え.テスト"];
        assert_eq!(spelled("Taro@例え.テスト"), both);
        assert_eq!(spelled("taro@xn--r8jz45g.xn--zckzah"), both);
        assert_eq!(spelled("Taro@example.jp"), ["taro@example.jp"]);
    }

    #[test]
    fn masks_show_the_ends_only() {
        assert_eq!(address("hanako@example.jp").masked(), "h…@e….jp");
        assert_eq!(address("h@example.co.jp").masked(), "h…@e….jp");
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        use EmailProblem as P;
        for (raw, problem) in [
            ("", P::Empty),
            ("hanako", P::NoAt),
            ("a@example.com\r\nBcc: b@example.com", P::ControlCharacter),
            ("a\0@example.com", P::ControlCharacter),
            (" a@example.com", P::Space),
            ("a@exa\u{200b}mple.com", P::Space),
            ("a@exa\u{ad}mple.com", P::Space),
            ("a\u{202e}@example.com", P::Space),
            ("a@example.com,b@example.com", P::SeveralAddresses),
            ("a@example.com;b@example.com", P::SeveralAddresses),
            ("a@b@example.com", P::SeveralAddresses),
            ("A <a@example.com>", P::DisplayName),
            ("\"a b\"@example.com", P::QuotedLocalPart),
            ("花子@example.jp", P::LocalPartNotAscii),
            ("@example.com", P::LocalPart),
            (".a@example.com", P::LocalPart),
            ("a..b@example.com", P::LocalPart),
            ("a.@example.com", P::LocalPart),
            ("a(b)@example.com", P::LocalPart),
            ("a@", P::Domain),
            ("a@example", P::DomainWithoutDot),
            ("a@[127.0.0.1]", P::IpAddress),
            ("a@127.0.0.1", P::IpAddress),
            ("a@[IPv6:::1]", P::IpAddress),
            ("a@1.2.3", P::IpAddress),
            ("a@-example.com", P::Domain),
            ("a@exa_mple.com", P::Domain),
            ("a@example..com", P::Domain),
            ("a@example.com.", P::Domain),
        ] {
            assert_eq!(EmailAddress::parse(raw), Err(problem), "{raw:?}");
        }
    }

    #[test]
    fn lengths_follow_rfc_5321() {
        let local = "l".repeat(64);
        assert!(EmailAddress::parse(&format!("{local}@example.com")).is_ok());
        assert_eq!(
            EmailAddress::parse(&format!("{local}l@example.com")),
            Err(EmailProblem::LocalPartTooLong)
        );
        let label = "d".repeat(61);
        let domain = format!("{label}.{label}.{label}.com");
        let at_the_limit = format!("{local}@{domain}");
        assert_eq!(at_the_limit.len(), EmailAddress::MAX_BYTES);
        assert!(EmailAddress::parse(&at_the_limit).is_ok());
        assert_eq!(EmailAddress::parse(&format!("{local}@d{domain}")), Err(EmailProblem::TooLong));
        assert_eq!(EmailAddress::parse(&"x".repeat(1 << 20)), Err(EmailProblem::TooLong));
    }

    #[test]
    fn addresses_print_redacted() {
        assert_eq!(format!("{:?}", address("hanako@example.jp")), "EmailAddress([personal])");
    }
}
