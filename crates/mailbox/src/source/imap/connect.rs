//! From a host name to a connection that can be trusted.

use std::{fmt, sync::Arc};

use async_imap::Client;
use habeas_domain::destination::is_this_machine;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{ImapError, ImapOptions, ImapSecurity, Step};

/// A connection, secret or not.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Wire for T {}

pub(super) type Connected = Client<Box<dyn Wire>>;

/// Connects and reads the greeting.
pub(super) async fn connect(options: &ImapOptions) -> Result<Connected, ImapError> {
    if options.security == ImapSecurity::Plain && !is_this_machine(&options.host) {
        return Err(ImapError::PlainText);
    }
    let connecting = TcpStream::connect((options.host.as_str(), options.port));
    let stream = timeout(options.limit, connecting).await.map_err(|_| ImapError::TimedOut(Step::Connect))?;
    let stream = stream.map_err(|error| ImapError::Broken { step: Step::Connect, kind: error.kind() })?;
    let wire: Box<dyn Wire> = match options.security {
        ImapSecurity::Plain => Box::new(stream),
        ImapSecurity::Tls => secure(options, Box::new(stream)).await?,
        ImapSecurity::StartTls => {
            let mut client = greeted(options, Box::new(stream)).await?;
            let asking = client.run_command_and_check_ok("STARTTLS", None);
            let asked =
                timeout(options.limit, asking).await.map_err(|_| ImapError::TimedOut(Step::Secure))?;
            asked.map_err(|error| ImapError::of(Step::Secure, &error))?;
            // What was slipped in before TLS is forgotten with the client's buffer. There is no second greeting.
            return Ok(Client::new(secure(options, client.into_inner()).await?));
        }
    };
    greeted(options, wire).await
}

async fn greeted(options: &ImapOptions, wire: Box<dyn Wire>) -> Result<Connected, ImapError> {
    let mut client = Client::new(wire);
    let reading = timeout(options.limit, client.read_response()).await;
    let greeting = reading.map_err(|_| ImapError::TimedOut(Step::Connect))?;
    match greeting {
        Ok(Some(_)) => Ok(client),
        Ok(None) => Err(ImapError::Broken { step: Step::Connect, kind: std::io::ErrorKind::ConnectionReset }),
        Err(_) => Err(ImapError::Unreadable(Step::Connect)),
    }
}

async fn secure(options: &ImapOptions, wire: Box<dyn Wire>) -> Result<Box<dyn Wire>, ImapError> {
    let name = ServerName::try_from(options.host.clone())
        .map_err(|error| ImapError::Untrusted(std::io::Error::other(error)))?;
    let connector = TlsConnector::from(Arc::new(trust(options.extra_root.as_deref())?));
    let shaking = timeout(options.limit, connector.connect(name, wire)).await;
    let stream = shaking.map_err(|_| ImapError::TimedOut(Step::Secure))?.map_err(ImapError::Untrusted)?;
    Ok(Box::new(stream))
}

fn trust(extra: Option<&[u8]>) -> Result<ClientConfig, ImapError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = extra {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let (added, _) = roots.add_parsable_certificates(read.map_err(|_| ImapError::NoRoots)?);
        if added == 0 {
            return Err(ImapError::NoRoots);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ImapError::Untrusted(std::io::Error::other(error)))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
