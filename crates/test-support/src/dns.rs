//! A name server on loopback that answers what a test told it (RFC 1035), over UDP.

use std::{
    collections::{HashMap, HashSet},
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{net::UdpSocket, task::JoinHandle};

const TXT: u16 = 16;
const A: u16 = 1;
const MX: u16 = 15;
const SOA: u16 = 6;
const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NO_SUCH_NAME: u8 = 3;

/// A name server. It knows what it was told, says of all else that there is no such name, and is silent or broken about
/// names that it was told to be so about. Ends when dropped.
#[derive(Debug)]
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Zone {
    records: HashMap<(String, u16), Vec<Vec<u8>>>,
    silent: HashSet<String>,
    broken: HashSet<String>,
    questions: usize,
}

impl DnsServer {
    /// Starts on a free port.
    pub async fn start() -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = socket.local_addr()?;
        let zone = Arc::<Mutex<Zone>>::default();
        let serving = tokio::spawn(serve(socket, Arc::clone(&zone)));
        Ok(Self { address, zone, serving })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds a TXT record.
    pub fn txt(&self, name: &str, text: &str) {
        let mut data = Vec::new();
        for part in text.as_bytes().chunks(255) {
            data.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
            data.extend_from_slice(part);
        }
        self.add(name, TXT, data);
    }

    /// Adds an address.
    pub fn a(&self, name: &str, address: Ipv4Addr) {
        self.add(name, A, address.octets().to_vec());
    }

    /// Adds a mail server.
    pub fn mx(&self, name: &str, server: &str) {
        let mut data = vec![0, 10];
        for label in server.split('.') {
            data.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
            data.extend_from_slice(label.as_bytes());
        }
        data.push(0);
        self.add(name, MX, data);
    }

    /// Answers no question about this name or any below it.
    pub fn silence(&self, name: &str) {
        self.zone().silent.insert(name.to_lowercase());
    }

    /// Says about this name and all below it that the server has failed.
    pub fn breaks(&self, name: &str) {
        self.zone().broken.insert(name.to_lowercase());
    }

    /// How many questions came so far.
    pub fn questions(&self) -> usize {
        self.zone().questions
    }

    fn add(&self, name: &str, kind: u16, data: Vec<u8>) {
        self.zone().records.entry((name.to_lowercase(), kind)).or_default().push(data);
    }

    fn zone(&self) -> MutexGuard<'_, Zone> {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: UdpSocket, zone: Arc<Mutex<Zone>>) {
    let mut packet = [0; 1_500];
    while let Ok((length, from)) = socket.recv_from(&mut packet).await {
        let Some(question) = packet.get(..length).and_then(Question::read) else { continue };
        let answer = zone.lock().unwrap_or_else(PoisonError::into_inner).answer(&question);
        if let Some(answer) = answer {
            // A client that went away is no failure of the server.
            let _ = socket.send_to(&answer, from).await;
        }
    }
}

struct Question {
    id: [u8; 2],
    name: String,
    kind: u16,
    /// As it came, to be sent back.
    raw: Vec<u8>,
}

impl Question {
    fn read(packet: &[u8]) -> Option<Self> {
        let id = packet.get(..2)?.try_into().ok()?;
        let (mut at, mut labels) = (12, Vec::new());
        loop {
            let length = usize::from(*packet.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?);
        Some(Self { id, name: labels.join("."), kind, raw: packet.get(12..at + 4)?.to_vec() })
    }
}

impl Zone {
    fn answer(&mut self, question: &Question) -> Option<Vec<u8>> {
        self.questions += 1;
        if lies_below(&self.silent, &question.name) {
            return None;
        }
        let records = self.records.get(&(question.name.clone(), question.kind));
        let known = self.records.keys().any(|(name, _)| {
            *name == question.name
                || name.strip_suffix(&question.name).is_some_and(|rest| rest.ends_with('.'))
        });
        let code = if lies_below(&self.broken, &question.name) {
            SERVER_FAILURE
        } else if known {
            NO_ERROR
        } else {
            NO_SUCH_NAME
        };
        let none = Vec::new();
        let records = if code == NO_ERROR { records.unwrap_or(&none) } else { &none };
        Some(message(question, code, records))
    }
}

fn lies_below(names: &HashSet<String>, name: &str) -> bool {
    names
        .iter()
        .any(|of| name == of || name.strip_suffix(of.as_str()).is_some_and(|rest| rest.ends_with('.')))
}

/// An answer with these records, each valid for a minute.
fn message(question: &Question, code: u8, records: &[Vec<u8>]) -> Vec<u8> {
    let nothing = records.is_empty() && code != SERVER_FAILURE;
    let mut out = question.id.to_vec();
    // An answer, with authority, recursion wanted and given.
    out.extend_from_slice(&[0x85, 0x80 | code, 0, 1]);
    out.extend_from_slice(&u16::try_from(records.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(&[0, u8::from(nothing), 0, 0]);
    out.extend_from_slice(&question.raw);
    for data in records {
        // The name of the question, by reference to byte 12.
        record(&mut out, &[0xc0, 12], question.kind, data);
    }
    if nothing {
        // Whose zone it is: how long the answer that there is nothing may be remembered (RFC 2308). Names are the root.
        let mut zone = vec![0, 0];
        for number in [1_u32, 60, 60, 60, 60] {
            zone.extend_from_slice(&number.to_be_bytes());
        }
        record(&mut out, &[0], SOA, &zone);
    }
    out
}

fn record(out: &mut Vec<u8>, name: &[u8], kind: u16, data: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
    out.extend_from_slice(&u16::try_from(data.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(data);
}
