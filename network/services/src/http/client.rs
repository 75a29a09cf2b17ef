//! Clients for HTTP and, where it is built in, HTTPS. The cryptography is ring's, given explicitly:
//! nothing global is set.

use std::path::Path;

#[cfg(not(feature = "https"))]
use reqwest::ClientBuilder;
use reqwest::{Client, Url, redirect};

use crate::config::ConfigErrorReason;

/// The client of a service: no proxies, no redirects. The certificates are read only for `https`.
pub(super) fn of_service(url: &Url, ca: Option<&Path>) -> Result<Client, ConfigErrorReason> {
    let builder = Client::builder().no_proxy().redirect(redirect::Policy::none());
    let builder = match (url.scheme(), ca) {
        ("https", ca) => encrypted(builder, ca)?,
        (_, None) => plain(builder),
        (_, Some(_)) => return Err(ConfigErrorReason::Meaningless("ca")),
    };
    builder.build().map_err(|problem| ConfigErrorReason::Url {
        url: url.to_string(),
        problem: problem.to_string(),
    })
}

/// A client for plain HTTP that follows redirects, for instance to ask a server whether it is
/// ready. It trusts no certificate, so it starts without reading any.
///
/// # Errors
///
/// What reqwest says.
pub fn web_client() -> Result<Client, reqwest::Error> {
    plain(Client::builder().no_proxy()).build()
}

#[cfg(not(feature = "https"))]
fn plain(builder: ClientBuilder) -> ClientBuilder {
    builder
}

#[cfg(not(feature = "https"))]
fn encrypted(_: ClientBuilder, _: Option<&Path>) -> Result<ClientBuilder, ConfigErrorReason> {
    Err(ConfigErrorReason::NotBuilt)
}

#[cfg(feature = "https")]
use tls::{encrypted, plain};

#[cfg(feature = "https")]
mod tls {
    use std::path::Path;
    use std::sync::Arc;

    use reqwest::ClientBuilder;
    use rustls::crypto::{CryptoProvider, ring};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use rustls::{ClientConfig, RootCertStore};
    use rustls_platform_verifier::Verifier;

    use crate::config::ConfigErrorReason;

    type Configuring = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

    fn begin(provider: Arc<CryptoProvider>) -> Configuring {
        ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the ciphers of the default versions")
    }

    /// Trusts nobody.
    pub(super) fn plain(builder: ClientBuilder) -> ClientBuilder {
        let config = begin(Arc::new(ring::default_provider()))
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        builder.tls_backend_preconfigured(config)
    }

    /// Trusts whom the system trusts, and the certificates in a file.
    pub(super) fn encrypted(
        builder: ClientBuilder,
        ca: Option<&Path>,
    ) -> Result<ClientBuilder, ConfigErrorReason> {
        let provider = Arc::new(ring::default_provider());
        let extra = ca.map(read).transpose()?.unwrap_or_default();
        let verifier = Verifier::new_with_extra_roots(extra, provider.clone())
            .map_err(|problem| ConfigErrorReason::Certificates(problem.to_string()))?;
        let config = begin(provider)
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(builder.tls_backend_preconfigured(config))
    }

    fn read(ca: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigErrorReason> {
        let failed =
            |why: String| ConfigErrorReason::Certificates(format!("{}: {why}", ca.display()));
        let found =
            CertificateDer::pem_file_iter(ca).map_err(|problem| failed(problem.to_string()));
        let found = found?.collect::<Result<Vec<_>, _>>();
        let found = found.map_err(|problem| failed(problem.to_string()))?;
        if found.is_empty() { Err(failed("there is none in it".to_owned())) } else { Ok(found) }
    }
}
