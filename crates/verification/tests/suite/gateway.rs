//! The gateway for text messages: it alone gets the number and the text, and nobody whom it names.

use std::time::Duration;

use anyhow::Result;
use habeas_domain::{Personal, PhoneNumber};
use habeas_verification::methods::{GatewayError, HttpGateway, SmsGateway};

use crate::fetched_keys::{Answer, Server, with_tls};

const PATIENT: Duration = Duration::from_mins(1);

fn gateway(url: &str, limit: Duration) -> Result<HttpGateway, GatewayError> {
    with_tls();
    HttpGateway::new(url, Some(Personal::new("a-secret-token".to_owned())), limit)
}

#[tokio::test]
async fn a_gateway_that_sends_us_elsewhere_is_not_followed() -> Result<()> {
    let elsewhere = Server::start(Answer::Body(String::new())).await?;
    let server = Server::start(Answer::Elsewhere(elsewhere.url.clone())).await?;
    let number = PhoneNumber::parse("+81 90 0000 0000")?;
    let sent = gateway(&server.url, PATIENT)?.send(&number, "00000000").await;
    assert!(matches!(sent, Err(GatewayError::Refused(307))), "{sent:?}");
    assert_eq!((server.calls(), elsewhere.calls()), (1, 0), "neither the number nor the token goes there");
    gateway(&elsewhere.url, PATIENT)?.send(&number, "00000000").await?;
    assert_eq!(elsewhere.calls(), 1, "the test sees a call");
    Ok(())
}

#[tokio::test]
async fn a_gateway_that_fails_is_told_without_number_token_and_address() -> Result<()> {
    let number = PhoneNumber::parse("+81 90 0000 0000")?;
    for answer in [Answer::Status("500 Internal Server Error"), Answer::Silence] {
        let limit = answer.patience();
        let server = Server::start(answer).await?;
        let url = format!("{}?key=another-secret", server.url);
        let failed = gateway(&url, limit)?.send(&number, "12345678").await;
        let told = format!("{failed:?}");
        assert!(failed.is_err(), "{told}");
        for secret in ["0000 0000", "9000000000", "12345678", "secret"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
    Ok(())
}

#[test]
fn a_gateway_is_called_over_https_or_on_this_machine() {
    for good in
        ["https://sms.example.com/messages", "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/"]
    {
        assert!(gateway(good, PATIENT).is_ok(), "{good}");
    }
    for bad in [
        "http://sms.example.com/messages",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1@example.com/",
        "ftp://127.0.0.1/",
        "sms.example.com",
    ] {
        assert!(matches!(gateway(bad, PATIENT), Err(GatewayError::Settings(_))), "{bad}");
    }
}
