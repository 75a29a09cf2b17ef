//! HTTP services whose servers have certificates.

use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{asked, made, registry};

fn file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/answers/tls").join(name)
}

/// A server whose certificate `ca.pem` vouches for. It answers 700.
async fn server() -> String {
    let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 4096];
                let _read = stream.read(&mut request).await;
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n700";
                let _gone = stream.write_all(answer.as_bytes()).await;
                let _gone = stream.shutdown().await;
            });
        }
    });
    url
}

fn credit(url: &str, more: &str) -> String {
    format!(
        "[[service]]\nid = \"credit\"\nkind = \"http\"\nurl = \"{url}\"\n{more}\n[service.functions.check]\n"
    )
}

#[tokio::test]
async fn a_server_with_a_certificate_that_is_trusted_is_asked() {
    let ca = file("ca.pem");
    let service = credit(&server().await, &format!("ca = {:?}", ca.display().to_string()));
    assert_eq!(asked(&registry(&service), "credit", "check", "[]").await, "700");
}

#[tokio::test]
async fn a_server_whose_certificate_nobody_vouches_for_is_not_asked() {
    // A machine without certificates of its own refuses the service as a whole.
    let refused = match made(&credit(&server().await, "")) {
        Ok(registry) => asked(&registry, "credit", "check", "[]").await,
        Err(error) => error.to_string(),
    };
    assert!(refused.contains("ertificate"), "{refused}");
}

#[test]
fn certificates_that_cannot_be_read_are_an_error_at_the_start() {
    let refused = |more: &str, url: &str| made(&credit(url, more)).err().unwrap().to_string();
    let missing = refused("ca = \"/no/such/file\"", "https://127.0.0.1:1");
    assert!(missing.contains("/no/such/file"), "{missing}");
    let none = refused(&format!("ca = {:?}", file("server.key")), "https://127.0.0.1:1");
    assert!(none.contains("there is none in it"), "{none}");
    let plain = refused(&format!("ca = {:?}", file("ca.pem")), "http://127.0.0.1:1");
    assert!(plain.contains("`ca` has no meaning"), "{plain}");
}
