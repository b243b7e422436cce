//! How a mail was handed in: what SPF asks for.

use std::net::IpAddr;

use habeas_domain::Personal;
use habeas_ledger::MailDelivery;

use super::fields::Fields;

/// What the receiving server knew about the one that handed the mail in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The client's address.
    pub client: Personal<IpAddr>,
    /// What it called itself (HELO or EHLO).
    pub helo: Personal<String>,
    /// The envelope sender (MAIL FROM), empty if it was the null address.
    pub mail_from: Personal<String>,
}

impl From<MailDelivery> for Delivery {
    fn from(told: MailDelivery) -> Self {
        Self { client: told.client, helo: told.helo, mail_from: told.mail_from }
    }
}

impl Delivery {
    /// Reads the `Received` that our server wrote when it took the mail, counted from the top with 0, and the
    /// `Return-Path` that stands above it. Nothing if either is missing or can be read in more than one way, or if the
    /// client was a machine of a private network.
    pub(super) fn read(fields: &Fields, which: usize) -> Option<Self> {
        let mut seen = 0;
        let mut return_path = None;
        for field in fields.iter() {
            match field.name.as_str() {
                "return-path" if return_path.is_none() => return_path = Some(field.value.as_str()),
                "received" if seen == which => {
                    let mail_from = return_path?.strip_prefix('<')?.strip_suffix('>')?;
                    let (client, helo) = client_of(&field.value)?;
                    return is_public(client).then(|| Self {
                        client: Personal::new(client),
                        helo: Personal::new(helo),
                        mail_from: Personal::new(mail_from.to_owned()),
                    });
                }
                "received" => seen += 1,
                _ => {}
            }
        }
        None
    }
}

/// The client's address and greeting in `from HELO (NAME [ADDRESS]) by ...` or `from NAME ([ADDRESS] helo=HELO) by ...`
/// or `from [ADDRESS] (helo=HELO) by ...`. The client chooses HELO, so an address in it must not be taken for its own.
fn client_of(received: &str) -> Option<(IpAddr, String)> {
    let received = received.split_whitespace().collect::<Vec<_>>().join(" ");
    let (token, rest) = received.strip_prefix("from ")?.split_once(' ')?;
    let rest = rest.strip_prefix('(')?;
    let (head, _) = rest.split_once(" by ")?;
    let comment = head.trim_end().strip_suffix(')')?;
    if comment.contains('(') || comment.contains(')') {
        return None;
    }
    if let Some((before, helo)) = comment.split_once("helo=") {
        let helo = helo.split_whitespace().next().unwrap_or_default().to_owned();
        let place = if before.contains('[') { before } else { token };
        return Some((bracketed(place)?, helo));
    }
    Some((bracketed(comment)?, token.to_owned()))
}

/// The one address in square brackets.
fn bracketed(text: &str) -> Option<IpAddr> {
    let (_, rest) = text.split_once('[')?;
    let (address, after) = rest.split_once(']')?;
    if after.contains('[') {
        return None;
    }
    let address = address.strip_prefix("IPv6:").unwrap_or(address);
    address.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Whether mails from outside can come from there: what a machine of our own hands in says nothing for SPF.
pub const fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()),
        IpAddr::V6(ip) => {
            !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local() || ip.is_unspecified())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(received: &str) -> Option<(String, String)> {
        client_of(received).map(|(ip, helo)| (ip.to_string(), helo))
    }

    #[test]
    fn the_usual_servers_are_read() {
        for (received, ip, helo) in [
            (
                "from mail.example.jp (mx1.example.jp [203.0.113.5]) by mx.example.com (Postfix) with ESMTPS id 1",
                "203.0.113.5",
                "mail.example.jp",
            ),
            (
                "from mail.example.jp (unknown [IPv6:2001:db8::5]) by mx.example.com with ESMTP",
                "2001:db8::5",
                "mail.example.jp",
            ),
            (
                "from mx1.example.jp ([203.0.113.5] helo=mail.example.jp) by mx.example.com with esmtp (Exim 4.96)",
                "203.0.113.5",
                "mail.example.jp",
            ),
            (
                "from [203.0.113.5] (helo=mail.example.jp) by mx.example.com with esmtp",
                "203.0.113.5",
                "mail.example.jp",
            ),
        ] {
            assert_eq!(read(received), Some((ip.to_owned(), helo.to_owned())), "{received}");
        }
    }

    #[test]
    fn a_greeting_that_looks_like_an_address_is_not_taken_for_one() {
        let postfix = "from [198.51.100.1] (unknown [203.0.113.5]) by mx.example.com (Postfix)";
        assert_eq!(read(postfix).unwrap().0, "203.0.113.5");
        let exim = "from [203.0.113.5] (helo=[198.51.100.1]) by mx.example.com with esmtp";
        assert_eq!(read(exim).unwrap().0, "203.0.113.5");
        for odd in [
            "from a(b[198.51.100.1])x (unknown [203.0.113.5] [198.51.100.1]) by mx.example.com",
            "from a (x (y [198.51.100.1]) [203.0.113.5]) by mx.example.com",
            "from a by mx.example.com",
            "by mx.example.com",
            "",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_envelope_sender_counts_only_above_our_received() {
        let received = "Received: from a.example.jp (a.example.jp [203.0.113.5]) by mx.example.com\r\n";
        let above = format!("Return-Path: <h@example.jp>\r\n{received}\r\n");
        let found = Delivery::read(&Fields::read(above.as_bytes()), 0).unwrap();
        assert_eq!(found.mail_from.expose(), "h@example.jp");
        let below = format!("{received}Return-Path: <h@example.jp>\r\n\r\n");
        assert_eq!(Delivery::read(&Fields::read(below.as_bytes()), 0), None);
        let local = above.replace("203.0.113.5", "127.0.0.1");
        assert_eq!(Delivery::read(&Fields::read(local.as_bytes()), 0), None);
        assert_eq!(Delivery::read(&Fields::read(above.as_bytes()), 1), None);
    }
}
