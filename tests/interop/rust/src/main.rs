//! Writes and reads towl files of format 1 with bincode's defaults and chrono's own text for times.
//!
//!   towl-witness write FILE < DESCRIPTION     a towl file from its description
//!   towl-witness read FILE                    the description of a towl file
//!
//! A description is text: one value a line, `NAME VALUE`; strings and entries' texts in hex, times as nanoseconds since
//! the epoch, `-` for an absent one. It is what the C++ side of the test writes and reads as well.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};

const PAGE: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Header {
    magic: [u8; 9],
    version: i32,
    org: String,
    title: String,
    id: u64,
}

#[derive(Serialize, Deserialize)]
struct Index {
    opened: DateTime<Utc>,
    closed: Option<DateTime<Utc>>,
    count: u64,
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    sender: String,
    received: DateTime<Utc>,
    log_format: i32,
    log_entry: String,
}

fn from_hex(text: &str) -> String {
    let bytes = (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect();
    String::from_utf8(bytes).unwrap()
}

fn to_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn from_ns(text: &str) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(text.parse().unwrap())
}

fn from_optional_ns(text: &str) -> Option<DateTime<Utc>> {
    (text != "-").then(|| from_ns(text))
}

fn to_ns(time: &DateTime<Utc>) -> String {
    time.timestamp_nanos_opt().unwrap().to_string()
}

fn to_optional_ns(time: &Option<DateTime<Utc>>) -> String {
    time.as_ref().map_or("-".to_string(), to_ns)
}

fn page(bytes: Vec<u8>) -> Vec<u8> {
    assert!(bytes.len() <= PAGE);
    let mut page = bytes;
    page.resize(PAGE, 0);
    page
}

fn write(path: &str) {
    let mut values = io::stdin().lock().lines().map(|line| {
        let line = line.unwrap();
        let (name, value) = line.split_once(' ').unwrap();
        (name.to_string(), value.to_string())
    });
    let mut next = |name: &str| {
        let (found, value) = values.next()?;
        assert_eq!(found, name);
        Some(value)
    };
    let header = Header {
        magic: *b"towlfile*",
        version: 1,
        org: from_hex(&next("org").unwrap()),
        title: from_hex(&next("title").unwrap()),
        id: next("id").unwrap().parse().unwrap(),
    };
    let index = Index {
        opened: from_ns(&next("opened").unwrap()),
        closed: from_optional_ns(&next("closed").unwrap()),
        count: next("count").unwrap().parse().unwrap(),
        first: from_optional_ns(&next("first").unwrap()),
        last: from_optional_ns(&next("last").unwrap()),
    };
    let mut file = File::create(path).unwrap();
    file.write_all(&page(bincode::serialize(&header).unwrap())).unwrap();
    file.write_all(&page(bincode::serialize(&index).unwrap())).unwrap();
    while let Some(sender) = next("sender") {
        let entry = Entry {
            sender: from_hex(&sender),
            received: from_ns(&next("received").unwrap()),
            log_format: next("log_format").unwrap().parse().unwrap(),
            log_entry: from_hex(&next("log_entry").unwrap()),
        };
        file.write_all(&bincode::serialize(&entry).unwrap()).unwrap();
    }
}

fn read(path: &str) {
    let mut file = File::open(path).unwrap();
    let header: Header = bincode::deserialize_from(&mut file).unwrap();
    assert_eq!(&header.magic, b"towlfile*");
    assert_eq!(header.version, 1);
    file.seek(SeekFrom::Start(PAGE as u64)).unwrap();
    let index: Index = bincode::deserialize_from(&mut file).unwrap();
    println!("org {}", to_hex(&header.org));
    println!("title {}", to_hex(&header.title));
    println!("id {}", header.id);
    println!("opened {}", to_ns(&index.opened));
    println!("closed {}", to_optional_ns(&index.closed));
    println!("count {}", index.count);
    println!("first {}", to_optional_ns(&index.first));
    println!("last {}", to_optional_ns(&index.last));
    file.seek(SeekFrom::Start(2 * PAGE as u64)).unwrap();
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).unwrap();
    let mut bytes = rest.as_slice();
    // The first entry that does not decode ends the file.
    while let Ok(entry) = bincode::deserialize_from::<_, Entry>(&mut bytes) {
        println!("sender {}", to_hex(&entry.sender));
        println!("received {}", to_ns(&entry.received));
        println!("log_format {}", entry.log_format);
        println!("log_entry {}", to_hex(&entry.log_entry));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("write") if arguments.len() == 3 => write(&arguments[2]),
        Some("read") if arguments.len() == 3 => read(&arguments[2]),
        _ => {
            eprintln!("usage: towl-witness write FILE < DESCRIPTION | read FILE");
            std::process::exit(2);
        }
    }
}
