use anyhow::Result;
use habeas_queue::Message;
use serde_json::json;

use crate::{
    bed::{ANSWERS, Bed},
    every_bed::on_every_bed,
    samples::{SECRET, asking, submission},
};

on_every_bed!(garbage_of_every_kind_is_kept_for_ops_and_stops_nobody, the_publisher_of_garbage_hears_why);

/// What cannot be read, each with what its reason says.
fn garbage() -> Vec<(Vec<u8>, &'static str)> {
    let whole =
        |request: &str| format!(r#"{{"v":1,"kind":"request.submitted","id":"g","request":{request}}}"#);
    vec![
        (Vec::new(), "message: the JSON document ends too early"),
        (vec![0xff, 0xfe, 0x00, 0x41], "message: not valid JSON"),
        (format!("\"{SECRET}\"").into_bytes(), "message: a value of the wrong type or form"),
        (br#"["v",1]"#.to_vec(), "message: a value of the wrong type or form"),
        (whole(&"[".repeat(100_000)).into_bytes(), "not valid JSON"),
        (whole(r#"{"subject":{"email":1e400}}"#).into_bytes(), "not valid JSON"),
        (whole("{}").replace(r#""id":"g","#, "").into_bytes(), "message: missing field `id`"),
        (
            whole("{}").replace(r#""id":"g""#, r#""id":7"#).into_bytes(),
            "id: a value of the wrong type or form",
        ),
        (
            whole("{}").replace(r#""id":"g""#, r#""id":"a\u0000b""#).into_bytes(),
            "id: use 1 to 200 characters",
        ),
        (whole("{}").replace(r#""v":1"#, r#""v":2"#).into_bytes(), "v: version 2 is unknown"),
        (whole("{}").replace("submitted", "withdrawn").into_bytes(), "kind: the kind is not"),
        (
            whole(&format!(r#"{{}},"{SECRET}":1"#)).into_bytes(),
            "message: a field that this version does not know",
        ),
        (
            whole(&format!("\"{}\"", "x".repeat(2 * 1024 * 1024))).into_bytes(),
            "bytes; at most 1048576 are read",
        ),
    ]
}

async fn garbage_of_every_kind_is_kept_for_ops_and_stops_nobody(mut bed: Bed) -> Result<()> {
    let garbage = garbage();
    let bad = garbage.iter().enumerate().map(|(n, (body, _))| Message::new(format!("g{n}"), body.clone()));
    let mut messages: Vec<Message> = bad.collect();
    messages.insert(0, asking("first", &submission(1)));
    messages.push(asking("last", &submission(2)));
    bed.publish(messages).await?;
    bed.start();
    let answers = bed.answers(2).await?;
    assert!(answers.iter().all(|(_, answer)| answer["answer"] == "accepted"), "{answers:?}");
    let letters = bed.dead_letters(garbage.len()).await?;
    assert_eq!(letters.len(), garbage.len());
    for letter in letters {
        let place: usize = letter.id.trim_start_matches('g').parse()?;
        assert!(letter.reason.contains(garbage[place].1), "{place}: {}", letter.reason);
        assert!(!letter.reason.contains(SECRET), "{place}: {}", letter.reason);
        assert_eq!(letter.bytes, garbage[place].0.len());
    }
    bed.public_queue_is_empty().await?;
    assert_eq!(bed.count("request").await?, 2);
    bed.stop().await
}

async fn the_publisher_of_garbage_hears_why(mut bed: Bed) -> Result<()> {
    bed.start();
    bed.publish([Message::new("g1", "{}").answer_to(ANSWERS, "order-1")]).await?;
    let (correlation, answer) = bed.answers(1).await?.remove(0);
    assert_eq!(correlation, "order-1");
    let problem = json!({ "field": "message", "code": "unreadable", "message": "missing field `v`" });
    assert_eq!(answer, json!({ "answer": "rejected", "problems": [problem] }));
    assert_eq!(bed.dead_letters(1).await?.len(), 1);
    // Nobody waits there any more: the message is kept all the same.
    bed.publish([Message::new("g2", "{}").answer_to("crm.gone", "order-2")]).await?;
    assert_eq!(bed.dead_letters(2).await?.len(), 2);
    bed.stop().await
}
