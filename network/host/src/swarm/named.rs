//! TCP to hosts by their names. WebSocket needs the name to the end: it stands in the certificate
//! and in the request, so it must not be replaced by an address beforehand.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use libp2p::core::transport::{DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, Transport, tcp};

use crate::address::resolve_all;

type Tcp = tcp::tokio::Transport;

/// TCP that resolves names when it dials.
pub(super) struct Named {
    tcp: Tcp,
    config: tcp::Config,
}

impl Named {
    pub(super) fn new(config: tcp::Config) -> Self {
        Self { tcp: Tcp::new(config.clone()), config }
    }
}

fn is_named(address: &Multiaddr) -> bool {
    let first = address.iter().next();
    matches!(first, Some(Protocol::Dns(_) | Protocol::Dns4(_) | Protocol::Dns6(_)))
}

/// One address of the name after the other.
async fn dial_named(
    config: tcp::Config,
    address: Multiaddr,
    options: DialOpts,
) -> Result<<Tcp as Transport>::Output, io::Error> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address of this name is known");
    for address in resolve_all(vec![address]).await {
        last = match Tcp::new(config.clone()).dial(address, options) {
            Ok(dial) => match dial.await {
                Ok(stream) => return Ok(stream),
                Err(problem) => problem,
            },
            Err(problem) => io::Error::other(problem),
        };
    }
    Err(last)
}

impl Transport for Named {
    type Output = <Tcp as Transport>::Output;
    type Error = io::Error;
    type ListenerUpgrade = <Tcp as Transport>::ListenerUpgrade;
    type Dial = BoxFuture<'static, Result<Self::Output, io::Error>>;

    fn listen_on(
        &mut self,
        id: ListenerId,
        address: Multiaddr,
    ) -> Result<(), TransportError<io::Error>> {
        self.tcp.listen_on(id, address)
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.tcp.remove_listener(id)
    }

    fn dial(
        &mut self,
        address: Multiaddr,
        options: DialOpts,
    ) -> Result<Self::Dial, TransportError<io::Error>> {
        if is_named(&address) {
            return Ok(dial_named(self.config.clone(), address, options).boxed());
        }
        Ok(self.tcp.dial(address, options)?.boxed())
    }

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Pin::new(&mut self.tcp).poll(context)
    }
}
