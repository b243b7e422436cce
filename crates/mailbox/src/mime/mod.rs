//! Mails as they come over the wire (RFC 5322, RFC 2045 to 2049), and the repair of those that break the rules.
//!
//! The structure is walked here, without recursion and within [`Limits`](crate::Limits); the values of fields are read
//! by mail-parser. `decisions/0001-walking-mime.md` says why.

mod addresses;
mod block;
mod boundary;
mod charset;
mod content_type;
mod encoded_word;
mod entity;
mod fields;
mod guess;
mod history;
mod html;
mod japanese;
mod mail;
mod signature;
mod texts;
mod transfer;
mod written_date;

pub(crate) use block::{is_forward_mark, read as read_block};
pub(crate) use content_type::ContentType;
pub(crate) use entity::Entity;
pub(crate) use fields::Fields;
pub(crate) use history::own_words;
pub(crate) use mail::{Mail, date};
pub(crate) use written_date::written_date;
