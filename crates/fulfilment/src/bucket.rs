//! A bucket behind the S3 protocol.

use std::{fmt, time::Duration};

use opendal::{
    Buffer, ErrorKind, HttpBody, HttpTransport, HttpTransporter, OperationContext, Operator, services::S3,
};
use opendal_http_transport_reqwest::ReqwestTransport;

use crate::object::Objects;

/// How long connecting may take; each whole operation has its own limit.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Which bucket, and the key to it.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Its region, which signatures name.
    pub region: String,
    /// Where the service is; nothing for AWS.
    pub endpoint: Option<String>,
    /// A prefix for the names of all objects.
    pub prefix: Option<String>,
    /// The id of the access key.
    pub key_id: String,
    /// The secret of the access key.
    pub key_secret: String,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A bucket that cannot be used as it is configured. Tells nothing of its settings, the secret being among them.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// The settings do not fit together.
    #[error("the settings of the object store do not fit together: {0}")]
    Settings(opendal::ErrorKind),
    /// The program has installed no TLS provider; the HTTPS client would panic.
    #[error("no TLS provider is installed in this process")]
    NoProvider,
    /// No HTTPS client could be made, such as for lack of trusted authorities.
    #[error("no HTTPS client for the object store: this machine's TLS set-up is broken")]
    Client(#[source] reqwest::Error),
}

/// The service sent us to another address.
#[derive(Debug, thiserror::Error)]
#[error("the service answers with another address; write that into objects.endpoint if it is to be trusted")]
pub(crate) struct Redirected;

impl Objects {
    /// Objects in a bucket. Connects to nothing yet.
    ///
    /// The key is the configured one and no other: keys that lie about in the environment or that a cloud hands to its
    /// machines are not looked for.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, BucketError> {
        let mut service = S3::default()
            .bucket(&bucket.name)
            .region(&bucket.region)
            .access_key_id(&bucket.key_id)
            .secret_access_key(&bucket.key_secret)
            .disable_config_load()
            .disable_ec2_metadata();
        if let Some(endpoint) = &bucket.endpoint {
            service = service.endpoint(endpoint);
        }
        if let Some(prefix) = &bucket.prefix {
            service = service.root(prefix);
        }
        let operator = Operator::new(service).map_err(|error| BucketError::Settings(error.kind()))?;
        let context = OperationContext::new().with_http_transport(HttpTransporter::new(transport()?));
        Ok(Self::over(operator.with_context(context)))
    }
}

fn transport() -> Result<Straight, BucketError> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(BucketError::NoProvider);
    }
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .redirect(reqwest::redirect::Policy::none())
        .build();
    Ok(Straight(ReqwestTransport::new(client.map_err(BucketError::Client)?)))
}

/// A transport that follows nobody: calls are signed for the configured service alone, and what is sealed for it is nobody
/// else's.
struct Straight(ReqwestTransport);

impl HttpTransport for Straight {
    async fn fetch(&self, call: http::Request<Buffer>) -> opendal::Result<http::Response<HttpBody>> {
        let answer = self.0.fetch(call).await?;
        if answer.status().is_redirection() && answer.status() != http::StatusCode::NOT_MODIFIED {
            return Err(opendal::Error::new(ErrorKind::ConfigInvalid, "redirected").set_source(Redirected));
        }
        Ok(answer)
    }
}
