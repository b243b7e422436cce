//! Keys of the company's sign-in that are fetched (JWKS, RFC 7517), from a server on loopback.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use habeas_domain::{Clock, Personal, verification::Method};
use habeas_verification::{
    Shown,
    methods::{HandedIn, SignInAlgorithm, SignInKeys},
};
use jsonwebtoken::{EncodingKey, Header, encode};
use rcgen::KeyPair;
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    bed::{Bed, State},
    step::{KNOWN, Step},
};

/// As the program does at its start.
pub(crate) fn with_tls() {
    let _another_test_did = rustls::crypto::ring::default_provider().install_default();
}

/// What the server does with a call.
#[derive(Clone)]
pub(crate) enum Answer {
    Body(String),
    Status(&'static str),
    Elsewhere(String),
    Silence,
}

impl Answer {
    /// How long a caller waits for it: a silence is to be over soon, and nothing else is to be taken for one.
    pub(crate) const fn patience(&self) -> Duration {
        match self {
            Self::Silence => Duration::from_secs(2),
            _ => PATIENT,
        }
    }
}

/// A server that lists keys.
pub(crate) struct Server {
    pub(crate) url: String,
    answer: Arc<Mutex<Answer>>,
    calls: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(answer: Answer) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/keys.json", listener.local_addr()?);
        let (answer, calls) = (Arc::new(Mutex::new(answer)), Arc::new(AtomicUsize::new(0)));
        let (said, counted) = (Arc::clone(&answer), Arc::clone(&calls));
        tokio::spawn(async move {
            while let Ok((mut call, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let said = said.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut asked = vec![0_u8; 4_096];
                    let _ = call.read(&mut asked).await;
                    let reply = match said {
                        Answer::Body(body) => {
                            format!(
                                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                                body.len()
                            )
                        }
                        Answer::Status(status) => format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"),
                        Answer::Elsewhere(to) => {
                            // The one kind of redirect that takes the body of a call along.
                            format!(
                                "HTTP/1.1 307 Temporary Redirect\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"
                            )
                        }
                        Answer::Silence => {
                            tokio::time::sleep(Duration::from_hours(1)).await;
                            return;
                        }
                    };
                    let _ = call.write_all(reply.as_bytes()).await;
                });
            }
        });
        Ok(Self { url, answer, calls })
    }

    fn now_says(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// A public key of P-256 as the server lists it (RFC 7518, section 6.2).
fn listed(id: &str, key: &KeyPair) -> Json {
    let point = key.public_key_raw();
    let coordinate = |from: usize, to: usize| URL_SAFE_NO_PAD.encode(&point[from..to]);
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id,
        "x": coordinate(1, 33), "y": coordinate(33, 65),
    })
}

fn keys(keys: &[Json]) -> Answer {
    Answer::Body(json!({ "keys": keys }).to_string())
}

/// A page that trusts the keys of a server.
struct Trust {
    step: Step,
    token: String,
    claims: Json,
}

impl Trust {
    async fn new(server: &Server, limit: Duration) -> Result<Self> {
        with_tls();
        let bed = Bed::new(State::Sqlite).await?;
        let clock = Arc::clone(&bed.clock) as Arc<dyn Clock>;
        let fetched = SignInKeys::fetched(&server.url, limit, clock)?;
        let step = Step::with_keys(bed, fetched, KeyPair::generate()?);
        let (_, token) = step.confirmed(KNOWN).await?;
        let nonce = step.nonce(&token).await?;
        let ends = step.bed.ledger.ids().now().timestamp() + 1_800;
        let claims = json!({ "iss": "https://shop.example.com", "aud": "habeas", "sub": "C-1", "nonce": nonce, "exp": ends });
        Ok(Self { step, token, claims })
    }

    fn signed(&self, id: Option<&str>, key: &KeyPair) -> String {
        let header = Header { kid: id.map(str::to_owned), ..Header::new(SignInAlgorithm::ES256) };
        let key = EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).unwrap();
        encode(&header, &self.claims, &key).unwrap()
    }

    async fn shown(&self, jwt: String) -> Result<Shown> {
        let handed_in = HandedIn::SignIn(Personal::new(jwt));
        Ok(self.step.desk.show(&self.token, Method::SignIn, handed_in).await?)
    }
}

const PATIENT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_listed_key_is_fetched_once_and_believed() -> Result<()> {
    let key = KeyPair::generate()?;
    let server = Server::start(keys(&[listed("one", &key)])).await?;
    let trust = Trust::new(&server, PATIENT).await?;
    assert_eq!(server.calls(), 0, "nothing is fetched before a token comes");
    let stranger = KeyPair::generate()?;
    assert_eq!(
        trust.shown(trust.signed(Some("one"), &stranger)).await?,
        Shown::Not,
        "signed by somebody else"
    );
    assert_eq!(trust.shown(trust.signed(None, &key)).await?, Shown::Not, "it names no key");
    assert_eq!(trust.shown(trust.signed(Some("one"), &key)).await?, Shown::Proven);
    assert_eq!(server.calls(), 1);
    Ok(())
}

#[tokio::test]
async fn a_new_key_is_found_and_made_up_names_fetch_nothing() -> Result<()> {
    let (old, new) = (KeyPair::generate()?, KeyPair::generate()?);
    let server = Server::start(keys(&[listed("old", &old)])).await?;
    let trust = Trust::new(&server, PATIENT).await?;
    for n in 0..20 {
        assert_eq!(trust.shown(trust.signed(Some(&format!("made-up-{n}")), &new)).await?, Shown::Not);
    }
    assert_eq!(server.calls(), 1, "at most one call in half a minute");
    server.now_says(keys(&[listed("new", &new)]));
    trust.step.bed.advance(TimeDelta::seconds(31));
    assert_eq!(trust.shown(trust.signed(Some("new"), &new)).await?, Shown::Proven);
    assert_eq!(server.calls(), 2);
    Ok(())
}

#[tokio::test]
async fn a_key_that_was_taken_back_is_believed_no_more() -> Result<()> {
    let (old, new) = (KeyPair::generate()?, KeyPair::generate()?);
    let server = Server::start(keys(&[listed("old", &old)])).await?;
    let trust = Trust::new(&server, PATIENT).await?;
    let wrong = trust.signed(Some("old"), &new);
    assert_eq!(trust.shown(wrong).await?, Shown::Not);
    server.now_says(keys(&[listed("new", &new)]));
    trust.step.bed.advance(TimeDelta::minutes(11));
    assert_eq!(trust.shown(trust.signed(Some("old"), &old)).await?, Shown::Not);
    Ok(())
}

#[tokio::test]
async fn keys_outlive_their_server_for_a_day_at_most() -> Result<()> {
    for (away, expected) in [(TimeDelta::hours(2), Shown::Proven), (TimeDelta::hours(25), Shown::Not)] {
        let key = KeyPair::generate()?;
        let server = Server::start(keys(&[listed("one", &key)])).await?;
        let mut trust = Trust::new(&server, PATIENT).await?;
        assert_eq!(trust.shown(trust.signed(Some("other"), &key)).await?, Shown::Not, "fetches the keys");
        server.now_says(Answer::Status("503 Service Unavailable"));
        trust.step.bed.advance(away);
        // The link that was mailed has ended by then, or not: a new one leads to a new request.
        let (_, token) = trust.step.confirmed(KNOWN).await?;
        trust.claims["nonce"] = trust.step.nonce(&token).await?.into();
        trust.claims["exp"] = (trust.step.bed.ledger.ids().now().timestamp() + 1_800).into();
        trust.token = token;
        assert_eq!(trust.shown(trust.signed(Some("one"), &key)).await?, expected, "{away}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_list_of_keys_proves_nothing_and_holds_nobody_up() -> Result<()> {
    let key = KeyPair::generate()?;
    let good = json!({ "keys": [listed("one", &key)] }).to_string();
    let elsewhere = Server::start(Answer::Body(good.clone())).await?;
    for answer in [
        Answer::Body(String::new()),
        Answer::Body("<html>not found</html>".to_owned()),
        Answer::Body("{\"keys\":{}}".to_owned()),
        Answer::Body(format!("{good}{}", " ".repeat(300 * 1024))),
        Answer::Body("[".repeat(200_000)),
        Answer::Status("500 Internal Server Error"),
        Answer::Status("404 Not Found"),
        Answer::Elsewhere(elsewhere.url.clone()),
        Answer::Silence,
    ] {
        let limit = answer.patience();
        let server = Server::start(answer).await?;
        let trust = Trust::new(&server, limit).await?;
        assert_eq!(trust.shown(trust.signed(Some("one"), &key)).await?, Shown::Not);
        assert_eq!(server.calls(), 1);
    }
    assert_eq!(elsewhere.calls(), 0, "no redirect is followed");
    Ok(())
}

#[tokio::test]
async fn the_algorithm_is_ours_to_choose() -> Result<()> {
    let key = KeyPair::generate()?;
    let secret = b"a secret that the list gives away";
    let shared =
        json!({ "kty": "oct", "alg": "HS256", "kid": "shared", "k": URL_SAFE_NO_PAD.encode(secret) });
    let server = Server::start(keys(&[listed("one", &key), shared])).await?;
    let trust = Trust::new(&server, PATIENT).await?;
    let header = |kid: &str| Header { kid: Some(kid.to_owned()), ..Header::new(SignInAlgorithm::HS256) };
    let with_secret = encode(&header("shared"), &trust.claims, &EncodingKey::from_secret(secret))?;
    let public = key.public_key_pem();
    let confused = encode(&header("one"), &trust.claims, &EncodingKey::from_secret(public.as_bytes()))?;
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let unsigned =
        |alg: &str| format!("{}.{}.", part(&json!({ "alg": alg, "kid": "one" })), part(&trust.claims));
    let signature = trust.signed(Some("one"), &key);
    let signature = signature.rsplit('.').next().unwrap_or_default();
    let relabelled =
        format!("{}.{}.{signature}", part(&json!({ "alg": "none", "kid": "one" })), part(&trust.claims));
    for jwt in [with_secret, confused, unsigned("none"), unsigned("None"), unsigned("ES256"), relabelled] {
        assert_eq!(trust.shown(jwt).await?, Shown::Not);
    }
    assert_eq!(trust.shown(trust.signed(Some("one"), &key)).await?, Shown::Proven);
    Ok(())
}

#[tokio::test]
async fn keys_are_fetched_over_https_alone() -> Result<()> {
    with_tls();
    let bed = Bed::new(State::Sqlite).await?;
    let fetched =
        |url: &str| SignInKeys::fetched(url, PATIENT, Arc::clone(&bed.clock) as Arc<dyn Clock>).is_ok();
    assert!(fetched("https://shop.example.com/keys.json"));
    assert!(!fetched("http://shop.example.com/keys.json"));
    assert!(!fetched("http://127.0.0.1.example.com/keys.json"));
    assert!(!fetched("file:///etc/passwd") && !fetched("keys.json"));
    Ok(())
}
