//! A certificate authority of a test's own, and what a server can show.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

/// An authority that nobody trusts unless told to.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What a server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost`, from this authority, in force.
    Good,
    /// For another host.
    OtherHost,
    /// For `localhost`, and no longer in force.
    Expired,
    /// For `localhost`, from an authority that nobody knows.
    Stranger,
}

impl Authority {
    /// A new one.
    pub fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Authority of a test");
        let key = KeyPair::generate().context("making the authority's key")?;
        Ok(Self(CertifiedIssuer::self_signed(params, key).context("signing the authority")?))
    }

    /// Its own certificate, for those who shall trust it.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// How a TLS server shows such a certificate.
    pub(crate) fn server(&self, certificate: Certificate) -> Result<Arc<ServerConfig>> {
        let host = if certificate == Certificate::OtherHost { "elsewhere.example.test" } else { "localhost" };
        let mut params = CertificateParams::new(vec![host.to_owned()]).context("naming the host")?;
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().context("making a server's key")?;
        let stranger = Self::new()?;
        let issuer = if certificate == Certificate::Stranger { &stranger.0 } else { &self.0 };
        let signed = params.signed_by(&key, issuer).context("signing a certificate")?;
        let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|problem| anyhow!(problem))?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![signed.der().clone()], key)?;
        Ok(Arc::new(config))
    }
}
