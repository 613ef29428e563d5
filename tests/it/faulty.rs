//! A Messages API server that misbehaves on demand: each connection gets the next reply of a plan, byte for byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rationale::domain::endpoint::{AuthScheme, Endpoint, EndpointKind};

/// What a connection gets.
#[derive(Clone, Debug)]
pub struct Reply {
    head: String,
    pieces: Vec<Vec<u8>>,
    end: End,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Proper,
    /// In the middle of a chunk.
    Cut,
    /// Not at all, until the client goes.
    Hang,
}

impl Reply {
    /// An error with a body.
    pub fn status(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut head =
            format!("HTTP/1.1 {status} Something\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self { head: head + "\r\n", pieces: vec![body.as_bytes().to_vec()], end: End::Proper }
    }

    /// A stream of events in these pieces.
    pub fn stream(pieces: &[&str], end: End) -> Self {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n";
        let mut pieces: Vec<Vec<u8>> =
            pieces.iter().map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len()).into_bytes()).collect();
        match end {
            End::Proper => pieces.push(b"0\r\n\r\n".to_vec()),
            End::Cut => pieces.push(b"fff\r\nevent: con".to_vec()),
            End::Hang => {}
        }
        Self { head: head.into(), pieces, end }
    }

    /// Nothing: the connection closes at once.
    pub fn nothing() -> Self {
        Self { head: String::new(), pieces: Vec::new(), end: End::Cut }
    }
}

/// The server, for as long as it is held.
pub struct Faulty {
    pub port: u16,
    requests: Receiver<String>,
}

impl Faulty {
    /// Serves each of the replies once, in order.
    pub fn start(plan: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for reply in plan {
                let Ok((stream, _)) = listener.accept() else { return };
                if sender.send(serve(stream, &reply)).is_err() {
                    return;
                }
            }
        });
        Self { port, requests }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            name: "faulty".into(),
            kind: EndpointKind::Compatible,
            base_url: self.url(),
            auth: AuthScheme::ApiKey,
            model: "claude-opus-5-5".into(),
            ..Endpoint::offline()
        }
    }

    /// Every request so far, heads and bodies.
    pub fn requests(&self) -> Vec<String> {
        let mut all = Vec::new();
        while let Ok(request) = self.requests.recv_timeout(Duration::from_millis(200)) {
            all.push(request);
        }
        all
    }
}

fn serve(mut stream: TcpStream, reply: &Reply) -> String {
    let mut request = Vec::new();
    let mut buffer = vec![0; 65536];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(ToOwned::to_owned))
                .and_then(|length| length.trim().parse::<usize>().ok())
                .unwrap_or(0);
            if body.len() >= length {
                break;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => request.extend_from_slice(&buffer[..n]),
        }
    }
    let _ = stream.write_all(reply.head.as_bytes());
    for piece in &reply.pieces {
        let _ = stream.write_all(piece).and_then(|()| stream.flush());
    }
    if reply.end == End::Hang {
        while matches!(stream.read(&mut buffer), Ok(n) if n > 0) {}
    }
    let _ = stream.shutdown(Shutdown::Both);
    String::from_utf8_lossy(&request).into_owned()
}

/// A whole small answer.
pub const HELLO: [&str; 3] = [
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-opus-5-5\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}}\n\n",
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hello\"}}\n\n",
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];
