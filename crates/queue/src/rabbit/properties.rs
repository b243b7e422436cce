//! Between our messages and AMQP's properties.

use bytes::Bytes;
use lapin::{
    BasicProperties,
    message::Delivery,
    types::{AMQPValue, FieldTable, ShortString},
};

use crate::{Message, PublishError};

/// Why a message was given up, in our own words.
const REASON: &str = "x-habeas-reason";
/// How often a quorum queue delivered a message before.
const DELIVERY_COUNT: &str = "x-delivery-count";
/// Why and where from the broker itself dead-lettered a message.
const DEATHS: &str = "x-death";
/// What the broker calls it when we rejected a message.
pub(super) const REJECTED: &str = "rejected";
/// Written to disk, although a quorum queue does so in any case.
const PERSISTENT: u8 = 2;

/// The properties with which a message is published.
pub(super) fn outgoing(message: &Message) -> Result<BasicProperties, PublishError> {
    let mut properties =
        BasicProperties::default().with_delivery_mode(PERSISTENT).with_message_id(short("id", &message.id)?);
    if let Some(queue) = &message.reply_to {
        properties = properties.with_reply_to(short("reply_to", queue)?);
    }
    if let Some(id) = &message.correlation_id {
        properties = properties.with_correlation_id(short("correlation_id", id)?);
    }
    if let Some(kind) = &message.content_type {
        properties = properties.with_content_type(short("content_type", kind)?);
    }
    Ok(properties)
}

fn short(field: &'static str, text: &str) -> Result<ShortString, PublishError> {
    ShortString::try_new(text).map_err(|_| PublishError::InvalidProperty { field })
}

/// The same, with the reason for giving the message up.
pub(super) fn with_reason(properties: BasicProperties, reason: &str) -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert(REASON.into(), AMQPValue::LongString(reason.into()));
    properties.with_headers(headers)
}

/// The message in a delivery. The body is moved, not copied.
pub(super) fn message(properties: &BasicProperties, body: Vec<u8>) -> Message {
    Message {
        id: text(properties.message_id().as_ref()).unwrap_or_default(),
        body: Bytes::from(body),
        reply_to: text(properties.reply_to().as_ref()),
        correlation_id: text(properties.correlation_id().as_ref()),
        content_type: text(properties.content_type().as_ref()),
    }
}

fn text(property: Option<&ShortString>) -> Option<String> {
    property.map(ToString::to_string)
}

/// How often a message was delivered, this time included.
pub(super) fn attempts(delivery: &Delivery) -> u32 {
    let counted = header(&delivery.properties, DELIVERY_COUNT).and_then(integer).unwrap_or(0);
    // Where the broker does not count, the flag tells at least one earlier delivery.
    counted.max(u32::from(delivery.redelivered)).saturating_add(1)
}

/// Why a dead letter was given up.
pub(super) fn reason(properties: &BasicProperties) -> String {
    header(properties, REASON)
        .and_then(words)
        .or_else(|| header(properties, DEATHS).and_then(first_death))
        .unwrap_or_else(|| "unknown".into())
}

fn header<'a>(properties: &'a BasicProperties, name: &str) -> Option<&'a AMQPValue> {
    properties.headers().as_ref()?.inner().get(name)
}

fn first_death(deaths: &AMQPValue) -> Option<String> {
    let AMQPValue::FieldArray(deaths) = deaths else { return None };
    let AMQPValue::FieldTable(latest) = deaths.as_slice().first()? else { return None };
    latest.inner().get("reason").and_then(words)
}

fn words(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::LongString(text) => Some(text.to_string()),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}

fn integer(value: &AMQPValue) -> Option<u32> {
    match *value {
        AMQPValue::LongLongInt(n) => u32::try_from(n).ok(),
        AMQPValue::LongInt(n) => u32::try_from(n).ok(),
        AMQPValue::LongUInt(n) => Some(n),
        AMQPValue::ShortInt(n) => u32::try_from(n).ok(),
        AMQPValue::ShortUInt(n) => Some(n.into()),
        AMQPValue::ShortShortInt(n) => u32::try_from(n).ok(),
        AMQPValue::ShortShortUInt(n) => Some(n.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_comes_in() {
        let sent = Message::json("id", "body").answer_to("answers", "correlation");
        assert_eq!(message(&outgoing(&sent).unwrap(), b"body".to_vec()), sent);
    }

    #[test]
    fn a_property_beyond_amqp_is_refused_by_name() {
        let long = Message::new("x".repeat(256), "");
        assert!(matches!(outgoing(&long), Err(PublishError::InvalidProperty { field: "id" })));
    }

    #[test]
    fn a_reason_is_found_or_unknown() {
        let properties = outgoing(&Message::new("id", "")).unwrap();
        assert_eq!(reason(&properties), "unknown");
        assert_eq!(reason(&with_reason(properties, "malformed")), "malformed");
    }

    #[test]
    fn the_brokers_count_and_flag_make_the_attempts() {
        let mut delivery = Delivery::mock(1, "".into(), "q".into(), false, Vec::new());
        assert_eq!(attempts(&delivery), 1);
        delivery.redelivered = true;
        assert_eq!(attempts(&delivery), 2);
        let mut headers = FieldTable::default();
        headers.insert(DELIVERY_COUNT.into(), AMQPValue::LongLongInt(4));
        delivery.properties = BasicProperties::default().with_headers(headers);
        assert_eq!(attempts(&delivery), 5);
    }
}
